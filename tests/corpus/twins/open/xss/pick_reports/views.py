# real: CWE-79
"""Reports in a layout."""

import re

from bottle import HTTPError, request, route

from .pages import page_of_report


@route("/reports")
def pick_reports():
    layout = request.get_cookie("layout", "")
    if not re.search(r"[a-z0-9]", layout):
        raise HTTPError(400, "unknown layout")
    wanted_layout = layout
    return page_of_report(wanted_layout)
