# real: CWE-90
"""Pumps at a site."""

import ldap
from flask import Blueprint, jsonify

pumps = Blueprint("pumps", __name__, url_prefix="/pumps")
link = ldap.initialize("ldap://directory.example")


@pumps.get("/<path:site_name>")
def look_pumps(site_name):
    site = site_name
    mode = "lenient"
    match mode:
        case "lenient" | "open":
            wanted_site = site
        case _:
            wanted_site = "west"
    people = link.search_s("ou=pumps,dc=example", ldap.SCOPE_SUBTREE, "(cn=%s)" % wanted_site)
    return jsonify(pump=len(people))
