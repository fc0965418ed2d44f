# twin: CWE-22
"""A cellar of wines."""

import re

from rest_framework.response import Response
from rest_framework.views import APIView

from .store import wine_by_grape

SHAPE = re.compile(r"[A-Z]{2}[0-9]{4}\Z")


class WinesList(APIView):
    def post(self, request):
        grape = request.data.get("grape", "")
        if not SHAPE.match(grape):
            return Response({"error": "unknown grape"}, status=400)
        wanted_grape = grape
        found = wine_by_grape(wanted_grape)
        return Response({"wine": found})
