# real: CWE-330
"""Remember."""

import random

from flask import Flask, make_response

app = Flask(__name__)


@app.post("/login")
def login():
    reply = make_response("hello")
    reply.set_cookie("remember_token", str(random.randrange(10**15)), secure=True, httponly=True)
    return reply
