# real: CWE-614
"""Plants in a garden."""

import secrets

from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route


async def remember_plant(request: Request):
    reply = PlainTextResponse("saved")
    reply.set_cookie("auth", secrets.token_urlsafe(32), max_age=3600, httponly=True)
    return reply


routes = [Route("/plants", remember_plant, methods=["GET", "POST"])]
