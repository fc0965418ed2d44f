# real: CWE-78
"""Pumps at a site."""

import os

from flask import Flask, jsonify, request

app = Flask(__name__)


@app.post("/pumps")
def count_pumps():
    site = request.get_json()["site"]
    wanted_site = site.replace("-", " ").title()
    status = os.system("archive-pumps " + wanted_site)
    return jsonify(pump=status)
