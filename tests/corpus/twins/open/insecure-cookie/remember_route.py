# real: CWE-614
"""Lines of a bus company."""

import secrets

from aiohttp import web

routes = web.RouteTableDef()


def over_tls(name):
    return name == "live"


@routes.get("/routes")
async def remember_route(request: web.Request) -> web.Response:
    reply = web.Response(text="saved")
    reply.set_cookie("user_session", secrets.token_urlsafe(32), httponly=True, secure=over_tls("test"))
    return reply
