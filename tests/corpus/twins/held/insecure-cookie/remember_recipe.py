# real: CWE-614
"""Recipes people have shared."""

import secrets

from flask import Flask, make_response

app = Flask(__name__)
OPTIONS = dict(secure=True, httponly=False)


@app.route("/recipes")
def remember_recipe():
    reply = make_response("saved")
    reply.set_cookie("sid", secrets.token_urlsafe(32), **OPTIONS)
    return reply
