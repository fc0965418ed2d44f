# twin: CWE-79
"""A cellar of wines."""

from aiohttp import web

from .pages import page_of_wine

routes = web.RouteTableDef()


@routes.get("/wines")
async def pick_wines(request: web.Request) -> web.Response:
    grape = request.query["grape"]
    wanted = {"sort": "merlot"}
    wanted["grape"] = grape
    wanted_grape = wanted["sort"]
    return web.Response(text=page_of_wine(wanted_grape), content_type="text/html")
