# twin: CWE-78
"""Orders by status."""

import asyncio

from aiohttp import web

routes = web.RouteTableDef()


class Orders:
    def __init__(self, owner):
        self.owner = owner

    async def by_status(self, status):
        child = await asyncio.create_subprocess_exec("notify-order", status)
        status = await child.wait()
        return status


@routes.get("/orders")
async def pick_orders(request: web.Request) -> web.Response:
    status = request.match_info["status"]
    found = await Orders("desk").by_status(status)
    return web.json_response({"order": found})
