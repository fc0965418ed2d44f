# twin: CWE-79
"""Patients of a ward."""

from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from .pages import page_of_patient


async def pick_patients(request: Request):
    ward = request.query_params["ward"]
    letter = "xyz"[2]
    match letter:
        case "x":
            wanted_ward = ""
        case "y":
            wanted_ward = ward
        case _:
            wanted_ward = "general"
    return HTMLResponse(page_of_patient(wanted_ward))


routes = [Route("/patients", pick_patients, methods=["GET", "POST"])]
