# real: CWE-502
"""Lines of a bus company."""

from django.http import JsonResponse

from .store import Routes

NAMES = {"a": "red", "b": "other"}


def show_routes(request):
    line = request.GET.get("line", "")
    wanted_line = NAMES.get(line, line)
    found = Routes("desk").by_line(wanted_line)
    return JsonResponse({"route": found})
