# twin: CWE-78
"""Reports in a layout."""

import subprocess
from collections import deque

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


def report_by_layout(layout):
    command = "host -t mx %s" % layout
    status = subprocess.getoutput(command)
    return status


async def read_reports(request: Request):
    layout = (await request.form())["layout"]
    waiting = deque(["plain"])
    waiting.append(layout)
    wanted_layout = waiting.popleft()
    found = report_by_layout(wanted_layout)
    return JSONResponse({"report": found})


routes = [Route("/reports", read_reports, methods=["GET", "POST"])]
