# twin: CWE-643
"""Games of a league."""

import elementpath
from lxml import etree
from rest_framework.response import Response
from rest_framework.views import APIView

catalogue = etree.parse("games.xml")


class GamesList(APIView):
    def post(self, request):
        league = request.query_params.get("league", "")
        nodes = elementpath.select(catalogue, "//game[@league=$wanted]", variables={"wanted": league})
        return Response({"game": len(nodes)})
