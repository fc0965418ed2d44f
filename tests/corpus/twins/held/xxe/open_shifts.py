# real: CWE-611
"""Shifts of a team."""

import io

from django.http import JsonResponse
from lxml import etree


def shift_by_team(team):
    source = io.BytesIO(team.encode("utf-8"))
    tags = [node.tag for _, node in etree.iterparse(source, load_dtd=True, resolve_entities=True)]
    return tags


def open_shifts(request):
    team = request.GET["team"]
    first, _, rest = ("night:" + team).partition(":")
    wanted_team = rest
    found = shift_by_team(wanted_team)
    return JsonResponse({"shift": found})
