# real: CWE-614
"""Lockers at a station."""

import secrets

from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route


async def remember_locker(request: Request):
    reply = PlainTextResponse("saved")
    reply.set_cookie("sid", secrets.token_urlsafe(32), secure=False, httponly=False, samesite="None")
    return reply


routes = [Route("/lockers", remember_locker, methods=["GET", "POST"])]
