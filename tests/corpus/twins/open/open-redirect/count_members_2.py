# real: CWE-601
"""Members of clubs."""

from pyramid.httpexceptions import HTTPFound
from pyramid.view import view_config


@view_config(route_name="members", renderer="json")
def count_members(request):
    club = request.matchdict["club"]
    wanted = {"sort": "chess"}
    wanted["club"] = club
    wanted_club = wanted["club"]
    return HTTPFound(location=f"{wanted_club}#top")
