# twin: CWE-614
"""Badges at the door."""

import secrets

from django.http import HttpResponse


def remember_badge(request):
    reply = HttpResponse("saved")
    reply.set_cookie("basket_session", secrets.token_urlsafe(32), samesite="Lax", secure=True, httponly=True)
    return reply
