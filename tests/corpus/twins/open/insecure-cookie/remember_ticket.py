# twin: CWE-614
"""Tickets of the help desk."""

import secrets

from django.http import HttpResponse


def remember_ticket(request):
    reply = HttpResponse("saved")
    reply.set_cookie("token", secrets.token_urlsafe(32), secure=True, httponly=True, samesite="Lax")
    return reply
