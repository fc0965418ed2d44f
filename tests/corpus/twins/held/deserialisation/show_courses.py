# real: CWE-502
"""Courses of a term."""

import yaml
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


def course_by_term(term):
    found = list(yaml.unsafe_load_all(term))
    return str(found)


async def show_courses(request: Request):
    term = request.query_params["term"]
    first, _, rest = ("spring:" + term).partition(":")
    wanted_term = rest
    found = course_by_term(wanted_term)
    return JSONResponse({"course": found})


routes = [Route("/courses", show_courses, methods=["GET", "POST"])]
