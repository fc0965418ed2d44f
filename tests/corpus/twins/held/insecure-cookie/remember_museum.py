# real: CWE-614
"""Halls of a museum."""

import secrets

from django.http import HttpResponse


class Settings:
    tls_only = False


def remember_museum(request):
    reply = HttpResponse("saved")
    reply.set_cookie("remember_me", secrets.token_urlsafe(32), secure=Settings.tls_only, httponly=True)
    return reply
