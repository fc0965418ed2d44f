# real: CWE-614
"""Courses of a term."""

import secrets

from django.http import HttpResponse


def remember_course(request):
    reply = HttpResponse("saved")
    reply.set_cookie("access_token", secrets.token_urlsafe(32), expires=3600, httponly=True)
    return reply
