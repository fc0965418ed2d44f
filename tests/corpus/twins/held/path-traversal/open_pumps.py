# twin: CWE-22
"""Pumps at a site."""

import enum
import zipfile

from flask import Flask, jsonify, request

app = Flask(__name__)
ROOT = "/srv/pumps"


class Kind(enum.Enum):
    USUAL = "west"
    OTHER = "other"


@app.route("/pumps")
def open_pumps():
    site = request.headers.get("X-Site", "")
    wanted_site = Kind(site).value
    with zipfile.ZipFile(f"{ROOT}/{wanted_site}.zip") as archive:
        body = archive.namelist()
    return jsonify(pump=body)
