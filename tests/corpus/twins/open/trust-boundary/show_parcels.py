# real: CWE-501
"""Parcels on their way."""

from flask import Flask, jsonify, request, session

app = Flask(__name__)


@app.route("/parcels")
def show_parcels():
    code = request.cookies.get("code", "")
    words = ["all", code, "standard"]
    words.pop(0)
    wanted_code = words[0]
    session["code"] = wanted_code.upper()
    return jsonify(parcel="kept")
