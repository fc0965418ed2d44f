# twin: CWE-611
"""Badges at the door."""

import io

from lxml import etree
from pyramid.view import view_config


@view_config(route_name="badges", renderer="json")
def pick_badges(request):
    level = request.params["level"]
    source = io.BytesIO(level.encode("utf-8"))
    tags = [node.tag for _, node in etree.iterparse(source, load_dtd=False, resolve_entities=False)]
    return {"badge": tags}
