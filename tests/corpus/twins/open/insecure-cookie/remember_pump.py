# real: CWE-614
"""Pumps at a site."""

import secrets

from django.http import HttpResponse
from django.views import View

FLAGS = {"httponly": True, "samesite": "Lax"}


class PumpsView(View):
    def get(self, request):
        reply = HttpResponse(status=204)
        reply.set_cookie("login", secrets.token_urlsafe(32), **FLAGS)
        return reply
