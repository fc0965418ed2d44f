# real: CWE-611
"""Badges at the door."""

import io

from lxml import etree
from rest_framework.decorators import api_view
from rest_framework.response import Response


@api_view(["POST"])
def count_badges(request):
    level = request.data["level"]
    mode = "lenient"
    match mode:
        case "lenient" | "open":
            wanted_level = level
        case _:
            wanted_level = "visitor"
    parser = etree.XMLParser(load_dtd=True, no_network=False, resolve_entities=True)
    root = etree.parse(io.BytesIO(wanted_level.encode()), parser).getroot()
    return Response({"badge": root.tag})
