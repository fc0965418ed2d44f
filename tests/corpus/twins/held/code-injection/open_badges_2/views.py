# real: CWE-95
"""Badges at the door."""

from django.http import JsonResponse
from django.views import View

from .store import Badges


class Form:
    def __init__(self, text):
        self.text = text

    def cleaned(self):
        return self.text.strip()


class BadgesView(View):
    def get(self, request):
        level = request.headers.get("X-Level", "")
        wanted_level = Form(level).cleaned()
        found = Badges("desk").by_level(wanted_level)
        return JsonResponse({"badge": found})
