# real: CWE-614
"""Shifts of a team."""

import secrets

from bottle import response, route


@route("/shifts")
def remember_shift():
    response.set_cookie("token", secrets.token_urlsafe(32), secure=0, httponly=1)
    return {"saved": True}
