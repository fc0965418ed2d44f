# twin: CWE-501
"""Members of clubs."""

import re

from bottle import HTTPError, request, route


@route("/members")
def pick_members():
    club = request.query.club
    if not re.fullmatch(r"[a-f0-9]{8}", club):
        raise HTTPError(400, "unknown club")
    request.environ["beaker.session"]["club"] = club
    return {"member": "kept"}
