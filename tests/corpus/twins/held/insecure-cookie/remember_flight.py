# twin: CWE-614
"""Departures at a gate."""

import secrets

from pyramid.response import Response
from pyramid.view import view_config


@view_config(route_name="flights", renderer="json")
def remember_flight(request):
    reply = Response("saved")
    reply.set_cookie("remember_me", secrets.token_urlsafe(32), httponly=1, secure=1)
    return reply
