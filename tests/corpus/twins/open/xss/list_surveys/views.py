# twin: CWE-79
"""Answers to surveys."""

import hashlib

from bottle import request, route

from .pages import page_of_survey


@route("/surveys")
def list_surveys():
    panel = request.query.panel
    wanted_panel = hashlib.sha256(panel.encode()).hexdigest()
    return page_of_survey(wanted_panel)
