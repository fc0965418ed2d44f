# real: CWE-614
"""The fleet of a depot."""

import secrets

from aiohttp import web

routes = web.RouteTableDef()


@routes.get("/vehicles")
async def remember_vehicle(request: web.Request) -> web.Response:
    reply = web.Response(text="saved")
    reply.set_cookie("basket_session", secrets.token_urlsafe(32), path="/", httponly=True)
    return reply
