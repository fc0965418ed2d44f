# twin: CWE-611
"""Orders by status."""

from bottle import request, route
from lxml import etree


@route("/orders")
def pick_orders():
    status = request.forms.get("status")
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    root = etree.fromstring(status.encode(), parser)
    return {"order": root.tag}
