# twin: CWE-611
"""Patients of a ward."""

from xml.dom import pulldom
from xml.sax import make_parser
from xml.sax.handler import feature_external_ges

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


CHOICES = ("general", "other", "none")


def checked(text):
    if text not in CHOICES:
        raise ValueError("not a choice")
    return text


async def pick_patients(request: Request):
    ward = request.query_params["ward"]
    wanted_ward = checked(ward)
    reader = make_parser()
    reader.setFeature(feature_external_ges, True)
    tags = [node.nodeName for _, node in pulldom.parseString(wanted_ward, parser=reader)]
    return JSONResponse({"patient": tags})


routes = [Route("/patients", pick_patients, methods=["GET", "POST"])]
