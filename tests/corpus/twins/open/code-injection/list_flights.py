# real: CWE-95
"""Departures at a gate."""

from flask import Flask, jsonify, request

app = Flask(__name__)


def tidy(text):
    return text.strip()


def flight_by_gate(gate):
    total = eval(gate)
    return total


@app.route("/flights")
def list_flights():
    gate = request.args.get("gate", "")
    wanted_gate = tidy(gate)
    found = flight_by_gate(wanted_gate)
    return jsonify(flight=found)
