# real: CWE-643
"""Clients of a branch."""

from lxml import etree
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

CHOICES = ("main", "other")
catalogue = etree.parse("clients.xml")


async def find_clients(request: Request):
    branch = request.query_params["branch"]
    wanted_branch = branch
    for choice in CHOICES:
        if wanted_branch == choice + "s":
            wanted_branch = choice
    query = "count(//client[@branch='" + wanted_branch + "'])"
    nodes = str(catalogue.xpath(query))
    return JSONResponse({"client": len(nodes)})


routes = [Route("/clients", find_clients, methods=["GET", "POST"])]
