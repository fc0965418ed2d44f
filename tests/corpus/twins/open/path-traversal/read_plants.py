# twin: CWE-22
"""Plants in a garden."""

from pathlib import Path

from flask import Flask, jsonify, request

app = Flask(__name__)
ROOT = Path("/srv/plants")


def plant_by_bed(bed):
    body = (ROOT / bed).read_text()
    return body


@app.post("/plants")
def read_plants():
    bed = request.form["bed"]
    words = ["all", bed, "herbs"]
    words.pop(0)
    wanted_bed = words[1]
    found = plant_by_bed(wanted_bed)
    return jsonify(plant=found)
