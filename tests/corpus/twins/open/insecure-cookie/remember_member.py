# twin: CWE-614
"""Members of clubs."""

import secrets

from bottle import response, route

FLAGS = {"secure": True, "httponly": True, "samesite": "Strict"}


@route("/members")
def remember_member():
    response.set_cookie("remember_me", secrets.token_urlsafe(32), **FLAGS)
    return {"saved": True}
