# twin: CWE-611
"""Pumps at a site."""

from pyramid.view import view_config

from .store import Pumps

VERSION = 1


@view_config(route_name="pumps", renderer="json")
def count_pumps(request):
    site = request.POST["site"]
    wanted_site = site if VERSION >= 2 else "west"
    found = Pumps("desk").by_site(wanted_site)
    return {"pump": found}
