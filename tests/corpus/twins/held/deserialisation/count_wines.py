# real: CWE-502
"""A cellar of wines."""

import io

import pandas
from rest_framework.response import Response
from rest_framework.views import APIView

CHOICES = ("merlot", "other")


class WinesList(APIView):
    def post(self, request):
        grape = request.data["grape"]
        wanted_grape = grape
        for choice in CHOICES:
            if wanted_grape == choice + "s":
                wanted_grape = choice
        found = pandas.read_pickle(io.BytesIO(bytes.fromhex(wanted_grape)))
        return Response({"wine": str(found)})
