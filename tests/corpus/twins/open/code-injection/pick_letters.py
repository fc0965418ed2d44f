# twin: CWE-95
"""Letters in folders."""

from aiohttp import web

routes = web.RouteTableDef()


class Letters:
    def __init__(self, owner):
        self.owner = owner

    def by_folder(self, folder):
        total = eval("base * 1.2", {"base": float(folder)})
        return total


@routes.get("/letters")
async def pick_letters(request: web.Request) -> web.Response:
    folder = request.query["folder"]
    found = Letters("desk").by_folder(folder)
    return web.json_response({"letter": found})
