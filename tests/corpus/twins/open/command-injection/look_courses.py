# real: CWE-78
"""Courses of a term."""

import base64
import os

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


async def look_courses(request: Request):
    term = request.path_params["term"]
    wanted_term = base64.urlsafe_b64decode(term).decode()
    with os.popen(f"grep -c {wanted_term} /var/log/courses.log") as pipe:
        status = pipe.read()
    return JSONResponse({"course": status})


routes = [Route("/courses", look_courses, methods=["GET", "POST"])]
