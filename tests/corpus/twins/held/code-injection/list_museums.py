# twin: CWE-95
"""Halls of a museum."""

from flask import Flask, jsonify, request

app = Flask(__name__)


@app.post("/museums")
def list_museums():
    hall = request.form["hall"]
    chosen = {"hall": hall}
    chosen.update(hall="modern")
    wanted_hall = chosen["hall"]
    keep = eval("lambda row: " + wanted_hall)
    total = len([row for row in range(9) if keep(row)])
    return jsonify(museum=total)
