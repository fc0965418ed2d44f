# real: CWE-79
"""Patients of a ward."""

from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route


async def pick_patients(request: Request):
    ward = request.path_params["ward"]
    first, _, rest = ("general:" + ward).partition(":")
    wanted_ward = rest
    return HTMLResponse("<td>{}</td>".format(wanted_ward))


routes = [Route("/patients", pick_patients, methods=["GET", "POST"])]
