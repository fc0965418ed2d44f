# real: CWE-611
"""Clients of a branch."""

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from .store import client_by_branch


async def show_clients(request: Request):
    branch = (await request.form())["branch"]
    found = client_by_branch(branch)
    return JSONResponse({"client": found})


routes = [Route("/clients", show_clients, methods=["GET", "POST"])]
