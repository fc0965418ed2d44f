# twin: CWE-79
"""Readings of meters."""

from xml.sax.saxutils import escape, quoteattr

from aiohttp import web

routes = web.RouteTableDef()


@routes.get("/meters")
async def find_meters(request: web.Request) -> web.Response:
    region = request.match_info["region"]
    shown = quoteattr(region)
    body = escape(region)
    return web.Response(text="<a title=" + shown + ">" + body + "</a>", content_type="text/html")
