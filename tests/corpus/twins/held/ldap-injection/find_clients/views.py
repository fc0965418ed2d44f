# twin: CWE-90
"""Clients of a branch."""

from pyramid.view import view_config

from .store import Clients


@view_config(route_name="clients", renderer="json")
def find_clients(request):
    branch = request.GET.get("branch", "")
    found = Clients("desk").by_branch(branch)
    return {"client": found}
