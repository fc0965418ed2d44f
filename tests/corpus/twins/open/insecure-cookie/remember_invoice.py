# real: CWE-614
"""Invoices and their periods."""

import secrets

from django.http import HttpResponse
from django.views import View

FLAGS = {"secure": False, "httponly": True}


class InvoicesView(View):
    def get(self, request):
        reply = HttpResponse(status=204)
        reply.set_cookie("device", secrets.token_urlsafe(32), **FLAGS)
        return reply
