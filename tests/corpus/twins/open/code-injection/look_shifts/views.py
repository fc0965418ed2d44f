# twin: CWE-95
"""Shifts of a team."""

from flask import Flask, jsonify, request

from .store import shift_by_team

app = Flask(__name__)
VERSION = 1


@app.post("/shifts")
def look_shifts():
    team = request.values.get("team", "")
    wanted_team = team if VERSION >= 2 else "night"
    found = shift_by_team(wanted_team)
    return jsonify(shift=found)
