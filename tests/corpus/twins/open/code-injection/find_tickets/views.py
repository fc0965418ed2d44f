# twin: CWE-95
"""Tickets of the help desk."""

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from .store import Tickets


async def find_tickets(request: Request):
    queue = request.query_params["queue"]
    found = Tickets("desk").by_queue(queue)
    return JSONResponse({"ticket": found})


routes = [Route("/tickets", find_tickets, methods=["GET", "POST"])]
