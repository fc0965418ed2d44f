# twin: CWE-90
"""Patients of a ward."""

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from .store import patient_by_ward


def fallback(text):
    print("no longer read:", len(text))
    return "general"


async def count_patients(request: Request):
    ward = (await request.form())["ward"]
    wanted_ward = fallback(ward)
    found = patient_by_ward(wanted_ward)
    return JSONResponse({"patient": found})


routes = [Route("/patients", count_patients, methods=["GET", "POST"])]
