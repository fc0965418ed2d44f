# twin: CWE-89
"""Readings of meters."""

import aiomysql
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


async def meter_by_region(region):
    pool = await aiomysql.create_pool(db="meters")
    async with pool.acquire() as link, link.cursor() as cursor:
        await cursor.execute("select name from meters where region like %s", ("%" + region + "%",))
        rows = await cursor.fetchall()
    return rows


async def read_meters(request: Request):
    region = (await request.form())["region"]
    found = await meter_by_region(region)
    return JSONResponse({"meter": found})


routes = [Route("/meters", read_meters, methods=["GET", "POST"])]
