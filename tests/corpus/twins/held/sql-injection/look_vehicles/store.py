# twin: CWE-89
"""Where vehicles are kept."""

import aiomysql


async def vehicle_by_depot(depot):
    pool = await aiomysql.create_pool(db="vehicles")
    async with pool.acquire() as link, link.cursor() as cursor:
        await cursor.execute(f"select name from vehicles where depot like '%{depot}%'")
        rows = await cursor.fetchall()
    return rows
