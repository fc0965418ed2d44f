# real: CWE-89
"""Shifts of a team."""

from rest_framework.response import Response
from rest_framework.views import APIView

from .store import Shifts

OLD_CLIENTS = True


class ShiftsList(APIView):
    def post(self, request):
        team = request.data["team"]
        wanted_team = "night"
        if OLD_CLIENTS:
            wanted_team = team
        found = Shifts("desk").by_team(wanted_team)
        return Response({"shift": found})
