# real: CWE-501
"""Lockers at a station."""

import re

from flask import Flask, jsonify, request, session

app = Flask(__name__)
SHAPE = re.compile(r"\S+")


@app.route("/lockers")
def list_lockers():
    floor = request.args.get("floor", "")
    if not SHAPE.match(floor):
        return jsonify(error="unknown floor"), 400
    wanted_floor = floor
    session["floor"] = [wanted_floor]
    return jsonify(locker="kept")
