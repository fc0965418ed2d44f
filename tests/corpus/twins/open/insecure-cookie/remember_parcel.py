# twin: CWE-614
"""Parcels on their way."""

import secrets

from flask import Flask, make_response

app = Flask(__name__)


@app.route("/parcels")
def remember_parcel():
    reply = make_response("saved")
    reply.set_cookie("session", secrets.token_urlsafe(32), secure=True, httponly=True)
    return reply
