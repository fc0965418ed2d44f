# twin: CWE-501
"""Orders by status."""

from flask import Flask, jsonify, request, session

app = Flask(__name__)
LEVELS = ("reader", "writer")


@app.post("/orders")
def open_orders():
    status = request.get_json()["status"]
    if status not in LEVELS:
        return jsonify(error="unknown status"), 400
    session["status"] = status
    return jsonify(order="kept")
