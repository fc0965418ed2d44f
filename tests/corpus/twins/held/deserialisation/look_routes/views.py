# twin: CWE-502
"""Lines of a bus company."""

import enum

from django.http import JsonResponse

from .store import Routes


class Kind(enum.Enum):
    USUAL = "red"
    OTHER = "other"


def look_routes(request):
    line = request.POST["line"]
    wanted_line = Kind(line).value
    found = Routes("desk").by_line(wanted_line)
    return JsonResponse({"route": found})
