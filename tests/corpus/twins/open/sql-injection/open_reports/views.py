# real: CWE-89
"""Reports in a layout."""

from flask import Flask, jsonify, request

from .store import report_by_layout

app = Flask(__name__)
NAMES = {"a": "plain", "b": "other"}


@app.post("/reports")
def open_reports():
    layout = request.form["layout"]
    wanted_layout = NAMES.get(layout, layout)
    found = report_by_layout(wanted_layout)
    return jsonify(report=found)
