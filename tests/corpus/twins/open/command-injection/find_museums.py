# real: CWE-78
"""Halls of a museum."""

import os

from flask import Flask, jsonify, request

app = Flask(__name__)


@app.route("/museums")
def find_museums():
    hall = request.args["hall"]
    status = os.system("archive-museums " + hall)
    return jsonify(museum=status)
