# twin: CWE-601
"""Hotels in a city."""

from aiohttp import web

routes = web.RouteTableDef()


def place_of_hotel(city):
    return city or "/"


@routes.get("/hotels")
async def find_hotels(request: web.Request) -> web.Response:
    city = request.query.get("city", "")
    wanted_city, given = "lisbon", city
    print("ignored", len(given))
    raise web.HTTPFound(place_of_hotel(wanted_city))
