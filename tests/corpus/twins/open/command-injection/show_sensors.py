# twin: CWE-78
"""Sensors in a house."""

import asyncio

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


async def show_sensors(request: Request):
    room = request.query_params["room"]
    try:
        wanted_room = str(int(room))
    except ValueError:
        raise HTTPException(400, "unknown room")
    child = await asyncio.create_subprocess_shell(f"notify-sensor {wanted_room}")
    status = await child.wait()
    return JSONResponse({"sensor": status})


routes = [Route("/sensors", show_sensors, methods=["GET", "POST"])]
