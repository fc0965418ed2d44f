# real: CWE-502
"""Patients of a ward."""

import jsonpickle
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


async def count_patients(request: Request):
    ward = (await request.form())["ward"]
    words = ["all", ward, "general"]
    words.pop(0)
    wanted_ward = words[0]
    found = jsonpickle.decode(wanted_ward)
    return JSONResponse({"patient": str(found)})


routes = [Route("/patients", count_patients, methods=["GET", "POST"])]
