# twin: CWE-22
"""Sensors in a house."""

import os

from rest_framework.decorators import api_view
from rest_framework.response import Response

ROOT = "/srv/sensors"


@api_view(["POST"])
def list_sensors(request):
    room = request.data["room"]
    mode = "strict"
    match mode:
        case "lenient" | "open":
            wanted_room = room
        case _:
            wanted_room = "kitchen"
    with open(os.path.join(ROOT, wanted_room)) as file:
        body = file.read()
    return Response({"sensor": body})
