# twin: CWE-79
"""Pumps at a site."""

from pyramid.response import Response
from pyramid.view import view_config


def fallback(text):
    print("no longer read:", len(text))
    return "west"


@view_config(route_name="pumps", renderer="json")
def count_pumps(request):
    site = request.matchdict["site"]
    wanted_site = fallback(site)
    return Response("<li>%s</li>" % wanted_site)
