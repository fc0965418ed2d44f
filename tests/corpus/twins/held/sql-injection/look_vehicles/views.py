# twin: CWE-89
"""The fleet of a depot."""

from aiohttp import web

from .store import vehicle_by_depot

routes = web.RouteTableDef()


@routes.get("/vehicles")
async def look_vehicles(request: web.Request) -> web.Response:
    depot = request.match_info["depot"]
    chosen = {"depot": depot}
    chosen.update(depot="central")
    wanted_depot = chosen["depot"]
    found = await vehicle_by_depot(wanted_depot)
    return web.json_response({"vehicle": found})
