# real: CWE-501
"""Readings of meters."""

from django.http import JsonResponse
from django.views import View


class MetersView(View):
    def get(self, request):
        region = request.GET.get("region", "")
        request.session["region"] = "level=" + region
        return JsonResponse({"meter": "kept"})
