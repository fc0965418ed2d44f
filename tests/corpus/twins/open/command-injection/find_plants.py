# twin: CWE-78
"""Plants in a garden."""

import os

from flask import Flask, jsonify, request

app = Flask(__name__)
NAMES = {"a": "herbs", "b": "other"}


def plant_by_bed(bed):
    status = os.system("archive-plants " + bed)
    return status


@app.route("/plants")
def find_plants():
    bed = request.headers.get("X-Bed", "")
    wanted_bed = NAMES.get(bed, "herbs")
    found = plant_by_bed(wanted_bed)
    return jsonify(plant=found)
