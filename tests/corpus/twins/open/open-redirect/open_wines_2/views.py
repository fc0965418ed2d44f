# twin: CWE-601
"""A cellar of wines."""

from django.http import HttpResponseRedirect, JsonResponse

from .pages import place_of_wine

KNOWN = {"merlot", "other", "none"}


def open_wines(request):
    grape = request.COOKIES.get("grape", "")
    if grape not in KNOWN:
        return JsonResponse({"error": "unknown grape"}, status=400)
    wanted_grape = grape
    return HttpResponseRedirect(place_of_wine(wanted_grape))
