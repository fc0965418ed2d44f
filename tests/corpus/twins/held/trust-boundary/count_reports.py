# real: CWE-501
"""Reports in a layout."""

from flask import Blueprint, jsonify, session

reports = Blueprint("reports", __name__, url_prefix="/reports")
CHOICES = ("plain", "other")


@reports.get("/<path:layout_name>")
def count_reports(layout_name):
    layout = layout_name
    wanted_layout = layout
    for choice in CHOICES:
        if wanted_layout == choice + "s":
            wanted_layout = choice
    session["layout"] = [wanted_layout]
    return jsonify(report="kept")
