# real: CWE-90
"""Invoices and their periods."""

import ldap
from pyramid.view import view_config

link = ldap.initialize("ldap://directory.example")


@view_config(route_name="invoices", renderer="json")
def count_invoices(request):
    period = request.matchdict["period"]
    wanted_period = period.replace("-", " ").title()
    people = link.search_s("ou=invoices,dc=example", ldap.SCOPE_SUBTREE, "(cn=%s)" % wanted_period)
    return {"invoice": len(people)}
