# twin: CWE-601
"""Readings of meters."""

from django.http import HttpResponseRedirect, JsonResponse
from django.utils.http import url_has_allowed_host_and_scheme


def read_meters(request):
    region = request.POST["region"]
    if not url_has_allowed_host_and_scheme(region, allowed_hosts={"meters.example"}):
        return JsonResponse({"error": "unknown region"}, status=400)
    return HttpResponseRedirect(region)
