# real: CWE-614
"""Hotels in a city."""

import secrets

from flask import Flask, make_response

app = Flask(__name__)
DAY = 24 * 60 * 60


@app.route("/hotels")
def remember_hotel():
    reply = make_response("saved")
    reply.set_cookie("auth", secrets.token_urlsafe(32), max_age=7 * DAY)
    return reply
