# twin: CWE-95
"""The fleet of a depot."""

from flask import Flask, jsonify, request

app = Flask(__name__)
KNOWN = {"central", "other", "none"}


@app.route("/vehicles")
def open_vehicles():
    depot = request.cookies.get("depot", "")
    if depot not in KNOWN:
        return jsonify(error="unknown depot"), 400
    wanted_depot = depot
    total = eval(wanted_depot)
    return jsonify(vehicle=total)
