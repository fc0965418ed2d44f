# real: CWE-501
"""Shifts of a team."""

import base64

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


async def look_shifts(request: Request):
    team = (await request.form())["team"]
    wanted_team = base64.urlsafe_b64decode(team).decode()
    request.session["team"] = wanted_team
    return JSONResponse({"shift": "kept"})


routes = [Route("/shifts", look_shifts, methods=["GET", "POST"])]
