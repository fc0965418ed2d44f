# twin: CWE-95
"""Parcels on their way."""

from aiohttp import web

from .store import Parcels

routes = web.RouteTableDef()


@routes.get("/parcels")
async def look_parcels(request: web.Request) -> web.Response:
    code = request.query.get("code", "")
    found = Parcels("desk").by_code(code)
    return web.json_response({"parcel": found})
