# twin: CWE-89
"""Pumps at a site."""

import re

from django.http import JsonResponse

from .store import pump_by_site


def look_pumps(request):
    site = request.GET.get("site", "")
    if not re.fullmatch(r"[a-z0-9]{1,12}", site):
        return JsonResponse({"error": "unknown site"}, status=400)
    wanted_site = site
    found = pump_by_site(wanted_site)
    return JsonResponse({"pump": found})
