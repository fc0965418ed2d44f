# twin: CWE-614
"""Orders by status."""

import secrets

from flask import Flask, make_response

app = Flask(__name__)


@app.route("/orders")
def remember_order():
    reply = make_response("saved")
    reply.set_cookie("login", secrets.token_urlsafe(32), max_age=3600, secure=True, httponly=True, samesite="Strict")
    return reply
