# real: CWE-502
"""Sensors in a house."""

import yaml
from rest_framework.response import Response
from rest_framework.views import APIView


def sensor_by_room(room):
    found = yaml.load(room, Loader=yaml.Loader)
    return str(found)


class SensorsList(APIView):
    def post(self, request):
        room = request.data["room"]
        wanted_room = room.strip()
        found = sensor_by_room(wanted_room)
        return Response({"sensor": found})
