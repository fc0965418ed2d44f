# twin: CWE-78
"""Readings of meters."""

from flask import Flask, jsonify, request

from .store import Meters

app = Flask(__name__)


@app.post("/meters")
def find_meters():
    region = request.values.get("region", "")
    found = Meters("desk").by_region(region)
    return jsonify(meter=found)
