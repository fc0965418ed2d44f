# twin: CWE-502
"""Answers to surveys."""

import marshal
from collections import deque

from flask import Blueprint, jsonify

surveys = Blueprint("surveys", __name__, url_prefix="/surveys")


def survey_by_panel(panel):
    found = marshal.loads(bytes.fromhex(panel))
    return str(found)


@surveys.get("/<path:panel_name>")
def read_surveys(panel_name):
    panel = panel_name
    waiting = deque(["adults"])
    waiting.append(panel)
    wanted_panel = waiting.popleft()
    found = survey_by_panel(wanted_panel)
    return jsonify(survey=found)
