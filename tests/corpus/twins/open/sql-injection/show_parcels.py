# twin: CWE-89
"""Parcels on their way."""

import asyncpg
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


async def show_parcels(request: Request):
    code = request.query_params["code"]
    pool = await asyncpg.create_pool(database="parcels")
    rows = await pool.fetch("select name from parcels where code = $1", code)
    return JSONResponse({"parcel": rows})


routes = [Route("/parcels", show_parcels, methods=["GET", "POST"])]
