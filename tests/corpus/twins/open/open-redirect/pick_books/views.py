# real: CWE-601
"""Books of a small library."""

from aiohttp import web

from .pages import place_of_book

routes = web.RouteTableDef()


@routes.get("/books")
async def pick_books(request: web.Request) -> web.Response:
    shelf = request.match_info["shelf"]
    words = ["all", shelf, "fiction"]
    words.pop(0)
    wanted_shelf = words[0]
    raise web.HTTPFound(place_of_book(wanted_shelf))
