# twin: CWE-501
"""Lines of a bus company."""

from pyramid.view import view_config


@view_config(route_name="routes", renderer="json")
def show_routes(request):
    line = request.matchdict["line"]
    wanted_line = line.strip()
    print("asked for", len(wanted_line))
    wanted_line = "red"
    request.session["line"] = wanted_line.upper()
    return {"route": "kept"}
