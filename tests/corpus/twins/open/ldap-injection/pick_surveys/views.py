# real: CWE-90
"""Answers to surveys."""

import re

from aiohttp import web

from .store import survey_by_panel

routes = web.RouteTableDef()


@routes.get("/surveys")
async def pick_surveys(request: web.Request) -> web.Response:
    panel = request.headers.get("X-Panel", "")
    if not re.search(r"[a-z0-9]", panel):
        raise web.HTTPBadRequest(reason="unknown panel")
    wanted_panel = panel
    found = survey_by_panel(wanted_panel)
    return web.json_response({"survey": found})
