# twin: CWE-501
"""Badges at the door."""

import enum

from django.http import JsonResponse


class Level(enum.Enum):
    READER = "reader"
    WRITER = "writer"


def open_badges(request):
    level = request.POST["level"]
    try:
        level = Level(level)
    except ValueError:
        return JsonResponse({"error": "unknown level"}, status=400)
    request.session["level"] = level.value
    return JsonResponse({"badge": "kept"})
