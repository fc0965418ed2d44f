# real: CWE-79
"""Answers to surveys."""

from aiohttp import web

routes = web.RouteTableDef()


@routes.get("/surveys")
async def read_surveys(request: web.Request) -> web.Response:
    panel = request.headers.get("X-Panel", "")
    return web.Response(text="<td>{}</td>".format(panel), content_type="text/html")
