# twin: CWE-601
"""Members of clubs."""

from urllib.parse import urlparse

from pyramid.httpexceptions import HTTPBadRequest, HTTPFound
from pyramid.view import view_config


@view_config(route_name="members", renderer="json")
def count_members(request):
    club = request.matchdict["club"]
    if urlparse(club).netloc not in ("", "members.example"):
        raise HTTPBadRequest("unknown club")
    return HTTPFound(location=club)
