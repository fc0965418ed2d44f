# twin: CWE-501
"""A cellar of wines."""

import re

from flask import Flask, jsonify, request, session

app = Flask(__name__)
SHAPE = re.compile(r"[A-Z]{2}[0-9]{4}\Z")


@app.route("/wines")
def count_wines():
    grape = request.args["grape"]
    if not SHAPE.match(grape):
        return jsonify(error="unknown grape"), 400
    wanted_grape = grape
    session["grape"] = [wanted_grape]
    return jsonify(wine="kept")
