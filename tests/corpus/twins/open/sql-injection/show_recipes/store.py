# real: CWE-89
"""Where recipes are kept."""

import asyncpg


class Recipes:
    def __init__(self, owner):
        self.owner = owner

    async def by_cuisine(self, cuisine):
        pool = await asyncpg.create_pool(database="recipes")
        rows = await pool.fetch(f"select name from recipes order by {cuisine}")
        return rows
