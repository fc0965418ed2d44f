# real: CWE-79
"""A cellar of wines."""

from aiohttp import web

routes = web.RouteTableDef()


@routes.get("/wines")
async def pick_wines(request: web.Request) -> web.Response:
    grape = request.query["grape"]
    words = ["all", grape, "merlot"]
    words.pop(0)
    wanted_grape = words[0]
    return web.Response(text=f"<h1>wines of {wanted_grape}</h1>", content_type="text/html")
