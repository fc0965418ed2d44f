# real: CWE-611
"""Answers to surveys."""

import io

from aiohttp import web
from lxml import etree

routes = web.RouteTableDef()


@routes.get("/surveys")
async def read_surveys(request: web.Request) -> web.Response:
    panel = request.query.get("panel", "")
    source = io.BytesIO(panel.encode("utf-8"))
    tags = [node.tag for _, node in etree.iterparse(source, load_dtd=True, resolve_entities=True)]
    return web.json_response({"survey": tags})
