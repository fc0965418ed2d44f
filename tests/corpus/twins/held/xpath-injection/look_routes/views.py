# twin: CWE-643
"""Lines of a bus company."""

from flask import Flask, jsonify, request

from .store import Routes

app = Flask(__name__)


@app.post("/routes")
def look_routes():
    line = request.form.get("line", "")
    wanted_line, given = "red", line
    print("ignored", len(given))
    found = Routes("desk").by_line(wanted_line)
    return jsonify(route=found)
