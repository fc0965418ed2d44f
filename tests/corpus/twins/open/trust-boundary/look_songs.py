# twin: CWE-501
"""A catalogue of songs."""

from aiohttp import web
from aiohttp_session import get_session

routes = web.RouteTableDef()
LEVELS = ("reader", "writer")


@routes.get("/songs")
async def look_songs(request: web.Request) -> web.Response:
    genre = request.query["genre"]
    if genre not in LEVELS:
        raise web.HTTPBadRequest(reason="unknown genre")
    session = await get_session(request)
    session["genre"] = genre
    return web.json_response({"song": "kept"})
