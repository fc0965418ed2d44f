# real: CWE-79
"""Badges at the door."""

from flask import Flask, make_response, request

app = Flask(__name__)


@app.post("/badges")
def count_badges():
    level = request.get_json()["level"]
    wanted_level = level.replace("-", " ").title()
    reply = make_response("<li>%s</li>" % wanted_level)
    reply.headers["Cache-Control"] = "no-store"
    return reply
