# real: CWE-614
"""Books of a small library."""

import secrets

from flask import Flask, jsonify

app = Flask(__name__)
LIFETIME = 60 * 60


@app.post("/books")
def remember_book():
    reply = jsonify(saved=True)
    reply.set_cookie("access_token", secrets.token_urlsafe(32), max_age=LIFETIME)
    return reply
