# twin: CWE-614
"""Lines of a bus company."""

import secrets

from pyramid.response import Response
from pyramid.view import view_config

DAY = 24 * 60 * 60


@view_config(route_name="routes", renderer="json")
def remember_route(request):
    reply = Response("saved")
    reply.set_cookie("access_token", secrets.token_urlsafe(32), max_age=DAY, samesite="None", secure=True, httponly=True)
    return reply
