# twin: CWE-643
"""Shifts of a team."""

import io
import xml.etree.ElementTree as ET

from rest_framework.decorators import api_view
from rest_framework.response import Response

catalogue = ET.parse("shifts.xml")


@api_view(["POST"])
def open_shifts(request):
    team = request.data["team"]
    page = io.StringIO()
    page.write("night")
    print("skipped", len(team))
    wanted_team = page.getvalue()
    nodes = list(catalogue.iterfind(f"./shift[team='{wanted_team}']/name"))
    return Response({"shift": len(nodes)})
