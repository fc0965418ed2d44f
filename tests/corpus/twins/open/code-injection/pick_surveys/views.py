# real: CWE-95
"""Answers to surveys."""

from bottle import request, route

from .store import survey_by_panel

NAMES = {"a": "adults", "b": "other"}


@route("/surveys")
def pick_surveys():
    panel = request.forms.get("panel")
    wanted_panel = NAMES.get(panel, panel)
    found = survey_by_panel(wanted_panel)
    return {"survey": found}
