# real: CWE-89
"""Orders by status."""

import aiomysql
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


async def look_orders(request: Request):
    status = (await request.form())["status"]
    wanted_status = "".join(letter for letter in status if letter != "\0")
    pool = await aiomysql.create_pool(db="orders")
    async with pool.acquire() as link, link.cursor() as cursor:
        await cursor.execute(f"select name from orders where status like '%{wanted_status}%'")
        rows = await cursor.fetchall()
    return JSONResponse({"order": rows})


routes = [Route("/orders", look_orders, methods=["GET", "POST"])]
