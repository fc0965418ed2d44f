# twin: CWE-611
"""Reports in a layout."""

from aiohttp import web

from .store import Reports

routes = web.RouteTableDef()


@routes.get("/reports")
async def read_reports(request: web.Request) -> web.Response:
    layout = request.match_info["layout"]
    letter = "xyz"[2]
    match letter:
        case "x":
            wanted_layout = ""
        case "y":
            wanted_layout = layout
        case _:
            wanted_layout = "plain"
    found = Reports("desk").by_layout(wanted_layout)
    return web.json_response({"report": found})
