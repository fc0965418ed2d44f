# twin: CWE-611
"""Hotels in a city."""

from xml.dom import pulldom
from xml.sax import make_parser
from xml.sax.handler import feature_external_ges

from fastapi import APIRouter, Request

router = APIRouter()


def hotel_by_city(city):
    reader = make_parser()
    reader.setFeature(feature_external_ges, True)
    tags = [node.nodeName for _, node in pulldom.parseString(city, parser=reader)]
    return tags


@router.post("/hotels")
async def look_hotels(request: Request):
    city = request.headers.get("x-city", "")
    chosen = {"city": city}
    chosen.update(city="lisbon")
    wanted_city = chosen["city"]
    found = hotel_by_city(wanted_city)
    return {"hotel": found}
