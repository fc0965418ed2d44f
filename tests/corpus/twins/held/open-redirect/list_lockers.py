# twin: CWE-601
"""Lockers at a station."""

from pyramid.httpexceptions import HTTPFound
from pyramid.view import view_config


@view_config(route_name="lockers", renderer="json")
def list_lockers(request):
    floor = request.params["floor"]
    wanted_floor = "".join(letter for letter in floor if letter.isalnum())
    return HTTPFound(location="//%s/lockers" % wanted_floor)
