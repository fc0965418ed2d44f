# twin: CWE-643
"""Reports in a layout."""

from flask import Blueprint, jsonify
from lxml import etree

reports = Blueprint("reports", __name__, url_prefix="/reports")
catalogue = etree.parse("reports.xml")


class Reports:
    def __init__(self, owner):
        self.owner = owner

    def by_layout(self, layout):
        search = etree.XPath("//report[@layout='%s']" % layout)
        nodes = search(catalogue)
        return len(nodes)


@reports.get("/<path:layout_name>")
def pick_reports(layout_name):
    layout = layout_name
    try:
        wanted_layout = str(int(layout))
    except ValueError:
        return jsonify(error="unknown layout"), 404
    found = Reports("desk").by_layout(wanted_layout)
    return jsonify(report=found)
