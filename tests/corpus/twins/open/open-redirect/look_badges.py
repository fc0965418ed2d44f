# real: CWE-601
"""Badges at the door."""

import base64

from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import Route


async def look_badges(request: Request):
    level = (await request.form())["level"]
    wanted_level = base64.urlsafe_b64decode(level).decode()
    return RedirectResponse(f"{wanted_level}#top")


routes = [Route("/badges", look_badges, methods=["GET", "POST"])]
