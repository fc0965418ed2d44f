# real: CWE-614
"""Patients of a ward."""

import secrets

from bottle import response, route


@route("/patients")
def remember_patient():
    response.set_cookie("user_session", secrets.token_urlsafe(32), httponly=True, secure=1 > 2)
    return {"saved": True}
