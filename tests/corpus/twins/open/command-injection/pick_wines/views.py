# real: CWE-78
"""A cellar of wines."""

import re

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from .store import wine_by_grape


async def pick_wines(request: Request):
    grape = (await request.form())["grape"]
    if not re.search(r"[a-z0-9]", grape):
        raise HTTPException(400, "unknown grape")
    wanted_grape = grape
    found = await wine_by_grape(wanted_grape)
    return JSONResponse({"wine": found})


routes = [Route("/wines", pick_wines, methods=["GET", "POST"])]
