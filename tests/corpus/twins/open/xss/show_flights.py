# twin: CWE-79
"""Departures at a gate."""

from flask import Flask, Response, jsonify, request

app = Flask(__name__)


@app.route("/flights")
def show_flights():
    gate = request.headers.get("X-Gate", "")
    try:
        wanted_gate = str(int(gate))
    except ValueError:
        return jsonify(error="unknown gate"), 400
    return Response("<li>%s</li>" % wanted_gate, mimetype="text/html")
