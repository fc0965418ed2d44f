# real: CWE-22
"""Lockers at a station."""

import re
import zipfile

from flask import Flask, jsonify, request

app = Flask(__name__)
SHAPE = re.compile(r"\S+")
ROOT = "/srv/lockers"


def locker_by_floor(floor):
    with zipfile.ZipFile(f"{ROOT}/{floor}.zip") as archive:
        body = archive.namelist()
    return body


@app.post("/lockers")
def list_lockers():
    floor = request.form.get("floor", "")
    if not SHAPE.match(floor):
        return jsonify(error="unknown floor"), 400
    wanted_floor = floor
    found = locker_by_floor(wanted_floor)
    return jsonify(locker=found)
