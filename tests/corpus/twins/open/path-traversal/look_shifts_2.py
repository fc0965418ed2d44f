# real: CWE-22
"""Shifts of a team."""

import base64
from pathlib import Path

from django.http import JsonResponse

ROOT = Path("/srv/shifts")


def look_shifts(request):
    team = request.GET["team"]
    wanted_team = base64.urlsafe_b64decode(team).decode()
    body = (ROOT / wanted_team).read_text()
    return JsonResponse({"shift": body})
