# twin: CWE-502
"""Parcels on their way."""

from flask import Flask, jsonify, request

from .store import parcel_by_code

app = Flask(__name__)


@app.route("/parcels")
def look_parcels():
    code = request.args["code"]
    found = parcel_by_code(code)
    return jsonify(parcel=found)
