# real: CWE-614
"""Articles by topic."""

import secrets

from django.http import HttpResponse
from django.views import View


class ArticlesView(View):
    def get(self, request):
        reply = HttpResponse(status=204)
        reply.set_cookie("session", secrets.token_urlsafe(32))
        return reply
