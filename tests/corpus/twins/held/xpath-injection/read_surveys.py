# twin: CWE-643
"""Answers to surveys."""

import uuid
import xml.etree.ElementTree as ET

from flask import Flask, jsonify, request

app = Flask(__name__)
catalogue = ET.parse("surveys.xml")


def survey_by_panel(panel):
    nodes = list(catalogue.iterfind(f"./survey[panel='{panel}']/name"))
    return len(nodes)


@app.route("/surveys")
def read_surveys():
    panel = request.cookies.get("panel", "")
    wanted_panel = str(uuid.UUID(panel))
    found = survey_by_panel(wanted_panel)
    return jsonify(survey=found)
