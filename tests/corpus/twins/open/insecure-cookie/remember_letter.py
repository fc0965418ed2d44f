# twin: CWE-614
"""Letters in folders."""

import secrets

from flask import Flask, make_response

app = Flask(__name__)
HIDDEN = True
TLS = True


@app.route("/letters")
def remember_letter():
    reply = make_response("saved")
    reply.set_cookie("device", secrets.token_urlsafe(32), secure=TLS, httponly=HIDDEN)
    return reply
