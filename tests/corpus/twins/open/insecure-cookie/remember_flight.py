# real: CWE-614
"""Departures at a gate."""

import secrets

from aiohttp import web

routes = web.RouteTableDef()


@routes.get("/flights")
async def remember_flight(request: web.Request) -> web.Response:
    reply = web.Response(text="saved")
    reply.set_cookie("token", secrets.token_urlsafe(32), secure=False)
    return reply
