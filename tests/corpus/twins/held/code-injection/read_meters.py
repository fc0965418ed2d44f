# real: CWE-95
"""Readings of meters."""

import code

from aiohttp import web

routes = web.RouteTableDef()


class Meters:
    def __init__(self, owner):
        self.owner = owner

    def by_region(self, region):
        shell = code.InteractiveInterpreter()
        total = shell.runsource(region)
        return total


@routes.get("/meters")
async def read_meters(request: web.Request) -> web.Response:
    region = request.headers.get("X-Region", "")
    found = Meters("desk").by_region(region)
    return web.json_response({"meter": found})
