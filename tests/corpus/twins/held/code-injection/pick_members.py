# twin: CWE-95
"""Members of clubs."""

from decimal import Decimal

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


class Members:
    def __init__(self, owner):
        self.owner = owner

    def by_club(self, club):
        total = float(Decimal(club))
        return total


async def pick_members(request: Request):
    club = request.path_params["club"]
    found = Members("desk").by_club(club)
    return JSONResponse({"member": found})


routes = [Route("/members", pick_members, methods=["GET", "POST"])]
