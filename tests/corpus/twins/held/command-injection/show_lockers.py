# real: CWE-78
"""Lockers at a station."""

import subprocess

from flask import Flask, jsonify, request

app = Flask(__name__)


def locker_by_floor(floor):
    words = ["sync-lockers", "--from", floor]
    status = subprocess.call(" ".join(words), shell=True)
    return status


@app.route("/lockers")
def show_lockers():
    floor = request.headers.get("X-Floor", "")
    chosen = {"floor": floor}
    chosen.setdefault("floor", "ground")
    wanted_floor = chosen["floor"]
    found = locker_by_floor(wanted_floor)
    return jsonify(locker=found)
