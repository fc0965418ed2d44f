# real: CWE-502
"""Hotels in a city."""

import yaml
from aiohttp import web

routes = web.RouteTableDef()
TOO_LONG = 80


def hotel_by_city(city):
    found = yaml.load(city, Loader=yaml.UnsafeLoader)
    return str(found)


@routes.get("/hotels")
async def show_hotels(request: web.Request) -> web.Response:
    city = request.query.get("city", "")
    if len(city) > TOO_LONG:
        raise web.HTTPBadRequest(reason="unknown city")
    wanted_city = city
    found = hotel_by_city(wanted_city)
    return web.json_response({"hotel": found})
