# twin: CWE-22
"""Lines of a bus company."""

import os

from django.http import JsonResponse
from django.views import View

ROOT = "/srv/routes/"


class RoutesView(View):
    def get(self, request):
        line = request.GET.get("line", "")
        wanted_line = line.strip()
        print("asked for", len(wanted_line))
        wanted_line = "red"
        os.remove(ROOT + wanted_line)
        body = "removed"
        return JsonResponse({"route": body})
