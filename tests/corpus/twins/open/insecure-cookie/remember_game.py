# twin: CWE-614
"""Games of a league."""

import secrets

from bottle import response, route

LIFETIME = 60 * 60


@route("/games")
def remember_game():
    response.set_cookie("access_token", secrets.token_urlsafe(32), max_age=LIFETIME, httponly=True, secure=True)
    return {"saved": True}
