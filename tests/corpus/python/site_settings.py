"""Settings of a site made with Django."""

import os

INSTALLED_APPS = ["shop", "django.contrib.auth"]
DEBUG = True  # weak: 489
ALLOWED_HOSTS = ["*"]  # weak: 489
