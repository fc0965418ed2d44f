# real: CWE-611
"""Reports in a layout."""

from bottle import request, route

from .store import Reports


@route("/reports")
def pick_reports():
    layout = request.query.layout
    limit = 42
    if limit * 3 > 100:
        wanted_layout = layout
    else:
        wanted_layout = "plain"
    found = Reports("desk").by_layout(wanted_layout)
    return {"report": found}
