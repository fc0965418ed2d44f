# real: CWE-501
"""Answers to surveys."""

import re

from aiohttp import web
from aiohttp_session import get_session

routes = web.RouteTableDef()


@routes.get("/surveys")
async def pick_surveys(request: web.Request) -> web.Response:
    panel = request.query["panel"]
    if not re.search(r"[a-z0-9]", panel):
        raise web.HTTPBadRequest(reason="unknown panel")
    wanted_panel = panel
    session = await get_session(request)
    session["panel"] = wanted_panel
    return web.json_response({"survey": "kept"})
