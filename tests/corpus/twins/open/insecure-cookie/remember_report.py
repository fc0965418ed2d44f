# real: CWE-614
"""Reports in a layout."""

import secrets

from flask import Flask, jsonify

app = Flask(__name__)
PRODUCTION = False


@app.post("/reports")
def remember_report():
    reply = jsonify(saved=True)
    reply.set_cookie("remember_me", secrets.token_urlsafe(32), secure=PRODUCTION, httponly=True)
    return reply
