# real: CWE-501
"""Badges at the door."""

from aiohttp import web
from aiohttp_session import get_session

routes = web.RouteTableDef()


@routes.get("/badges")
async def open_badges(request: web.Request) -> web.Response:
    level = request.headers.get("X-Level", "")
    chosen = {"level": level}
    chosen.setdefault("level", "visitor")
    wanted_level = chosen["level"]
    session = await get_session(request)
    session["level"] = "level=" + wanted_level
    return web.json_response({"badge": "kept"})
