# twin: CWE-502
"""Games of a league."""

import tomllib

from rest_framework.decorators import api_view
from rest_framework.response import Response


@api_view(["POST"])
def list_games(request):
    league = request.data["league"]
    found = tomllib.loads(league)
    return Response({"game": str(found)})
