# twin: CWE-501
"""Plants in a garden."""

from flask import Flask, jsonify, request, session

app = Flask(__name__)


@app.route("/plants")
def read_plants():
    bed = request.args["bed"]
    words = ["all", bed, "herbs"]
    words.pop(0)
    wanted_bed = words[1]
    session["bed"] = wanted_bed.upper()
    return jsonify(plant="kept")
