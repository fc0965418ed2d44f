# twin: CWE-611
"""Answers to surveys."""

import io
import xml.sax
import xml.sax.handler

from flask import Flask, jsonify, request

app = Flask(__name__)


@app.route("/surveys")
def list_surveys():
    panel = request.headers.get("X-Panel", "")
    wanted = {"sort": "adults"}
    wanted["panel"] = panel
    wanted_panel = wanted["sort"]
    reader = xml.sax.make_parser()
    reader.setFeature(xml.sax.handler.feature_external_ges, True)
    reader.parse(io.StringIO(wanted_panel))
    found = reader.getProperty("survey")
    return jsonify(survey=found)
