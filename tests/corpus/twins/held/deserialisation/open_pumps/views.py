# real: CWE-502
"""Pumps at a site."""

from flask import Flask, jsonify, request

from .store import Pumps

app = Flask(__name__)


@app.post("/pumps")
def open_pumps():
    site = request.values.get("site", "")
    chosen = {"site": site}
    chosen.setdefault("site", "west")
    wanted_site = chosen["site"]
    found = Pumps("desk").by_site(wanted_site)
    return jsonify(pump=found)
