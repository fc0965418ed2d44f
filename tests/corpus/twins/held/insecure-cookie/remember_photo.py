# real: CWE-614
"""Photos in albums."""

import secrets

from bottle import response, route


@route("/photos")
def remember_photo():
    response.set_cookie("basket_session", secrets.token_urlsafe(32), secure=None)
    return {"saved": True}
