# twin: CWE-601
"""Badges at the door."""

from django.http import JsonResponse
from django.shortcuts import redirect
from django.views import View


class BadgesView(View):
    def get(self, request):
        level = self.request.GET.get("level", "")
        if not level.startswith("/") or level.startswith(("//", "/\\")):
            return JsonResponse({"error": "unknown level"}, status=400)
        return redirect(level)
