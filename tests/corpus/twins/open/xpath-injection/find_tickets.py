# real: CWE-643
"""Tickets of the help desk."""

from aiohttp import web
from lxml import etree

routes = web.RouteTableDef()
catalogue = etree.parse("tickets.xml")


@routes.get("/tickets")
async def find_tickets(request: web.Request) -> web.Response:
    queue = request.headers.get("X-Queue", "")
    wanted_queue = queue.replace("-", " ").title()
    search = etree.XPath("//ticket[@queue='%s']" % wanted_queue)
    nodes = search(catalogue)
    return web.json_response({"ticket": len(nodes)})
