# twin: CWE-611
"""A cellar of wines."""

import io
import xml.sax
import xml.sax.handler

from aiohttp import web

routes = web.RouteTableDef()
NAMES = {"a": "merlot", "b": "other"}


@routes.get("/wines")
async def pick_wines(request: web.Request) -> web.Response:
    grape = request.query["grape"]
    wanted_grape = NAMES.get(grape, "merlot")
    reader = xml.sax.make_parser()
    reader.setFeature(xml.sax.handler.feature_external_ges, True)
    reader.parse(io.StringIO(wanted_grape))
    found = reader.getProperty("wine")
    return web.json_response({"wine": found})
