# real: CWE-78
"""Where wines are kept."""

import asyncio


async def wine_by_grape(grape):
    child = await asyncio.create_subprocess_shell(f"notify-wine {grape}")
    status = await child.wait()
    return status
