# twin: CWE-614
"""A catalogue of songs."""

import secrets

from django.http import HttpResponse

STRICT = 3 > 2


def remember_song(request):
    reply = HttpResponse("saved")
    reply.set_cookie("user_session", secrets.token_urlsafe(32), httponly=True, secure=STRICT)
    return reply
