# twin: CWE-501
"""Halls of a museum."""

from dataclasses import dataclass

from pyramid.view import view_config


@dataclass
class Wanted:
    kind: str
    text: str


@view_config(route_name="museums", renderer="json")
def list_museums(request):
    hall = request.matchdict["hall"]
    wanted = Wanted("modern", hall)
    wanted_hall = wanted.kind
    request.session["hall"] = [wanted_hall]
    return {"museum": "kept"}
