"""Settings of a site made with Django, for everybody to see."""

import os

INSTALLED_APPS = ["shop", "django.contrib.auth"]
DEBUG = os.environ.get("SHOP_DEBUG") == "yes"  # fine: 489
ALLOWED_HOSTS = ["shop.example"]  # fine: 489
