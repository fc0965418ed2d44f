# real: CWE-501
"""Pumps at a site."""

from bottle import request, route


@route("/pumps")
def look_pumps():
    site = request.query.get("site", "")
    mode = "lenient"
    match mode:
        case "lenient" | "open":
            wanted_site = site
        case _:
            wanted_site = "west"
    request.environ["beaker.session"]["site"] = f"pump:{wanted_site}"
    return {"pump": "kept"}
