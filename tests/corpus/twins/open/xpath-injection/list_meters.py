# twin: CWE-643
"""Readings of meters."""

from lxml import etree
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

catalogue = etree.parse("meters.xml")


async def list_meters(request: Request):
    region = request.path_params["region"]
    nodes = catalogue.xpath("//meter[@region=$wanted]", wanted=region)
    return JSONResponse({"meter": len(nodes)})


routes = [Route("/meters", list_meters, methods=["GET", "POST"])]
