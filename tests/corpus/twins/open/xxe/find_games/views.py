# twin: CWE-611
"""Games of a league."""

from rest_framework.response import Response
from rest_framework.views import APIView

from .store import game_by_league


class GamesList(APIView):
    def post(self, request):
        league = request.query_params.get("league", "")
        found = game_by_league(league)
        return Response({"game": found})
