# real: CWE-95
"""Parcels on their way."""

from aiohttp import web

from .store import Parcels

routes = web.RouteTableDef()


@routes.get("/parcels")
async def show_parcels(request: web.Request) -> web.Response:
    code = request.query.get("code", "")
    words = ["all", code, "standard"]
    words.pop(0)
    wanted_code = words[0]
    found = Parcels("desk").by_code(wanted_code)
    return web.json_response({"parcel": found})
