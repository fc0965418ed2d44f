# real: CWE-501
"""The fleet of a depot."""

from dataclasses import dataclass

from pyramid.view import view_config


@dataclass
class Wanted:
    kind: str
    text: str


@view_config(route_name="vehicles", renderer="json")
def look_vehicles(request):
    depot = request.matchdict["depot"]
    wanted = Wanted("central", depot)
    wanted_depot = wanted.text
    request.session["depot"] = [wanted_depot]
    return {"vehicle": "kept"}
