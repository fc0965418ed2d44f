# real: CWE-22
"""Pumps at a site."""

from pathlib import Path

from flask import Blueprint, jsonify

pumps = Blueprint("pumps", __name__, url_prefix="/pumps")
ROOT = Path("/srv/pumps")


@pumps.get("/<path:site_name>")
def look_pumps(site_name):
    site = site_name
    mode = "lenient"
    match mode:
        case "lenient" | "open":
            wanted_site = site
        case _:
            wanted_site = "west"
    body = (ROOT / wanted_site).read_text()
    return jsonify(pump=body)
