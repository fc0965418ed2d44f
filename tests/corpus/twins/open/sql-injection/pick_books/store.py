# real: CWE-89
"""Where books are kept."""

import asyncpg


async def book_by_shelf(shelf):
    pool = await asyncpg.create_pool(database="books")
    rows = await pool.fetch(f"select name from books order by {shelf}")
    return rows
