# real: CWE-89
"""Books of a small library."""

from aiohttp import web

from .store import book_by_shelf

routes = web.RouteTableDef()


@routes.get("/books")
async def pick_books(request: web.Request) -> web.Response:
    shelf = request.query.get("shelf", "")
    words = ["all", shelf, "fiction"]
    words.pop(0)
    wanted_shelf = words[0]
    found = await book_by_shelf(wanted_shelf)
    return web.json_response({"book": found})
