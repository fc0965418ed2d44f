# twin: CWE-501
"""Pumps at a site."""

import enum

from django.http import JsonResponse
from django.views import View


class Kind(enum.Enum):
    USUAL = "west"
    OTHER = "other"


class PumpsView(View):
    def get(self, request):
        site = self.request.GET.get("site", "")
        wanted_site = Kind(site).value
        request.session["site"] = "level=" + wanted_site
        return JsonResponse({"pump": "kept"})
