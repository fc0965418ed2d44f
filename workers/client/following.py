"""A log while it is written: every line once and in order, whichever client reads it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from workers.client.ports.runs import LogPart, Runs

EVERY_S = 0.5
"""Between two looks at a log that has nothing new."""
AT_ONCE = 1000
"""Lines of a part."""


async def follow(
    runs: Runs, run: str, job: str, attempt: int = 1, *, first: int = 1, every_s: float = EVERY_S
) -> AsyncIterator[LogPart]:
    """Parts that have lines, and the last one with `ended`. `first`: number of the first line that is wanted."""
    while True:
        part = await runs.log(run, job, attempt, first=first, limit=AT_ONCE)
        if part.lines:
            first = part.lines[-1].number + 1
        if part.lines or part.ended:
            yield part
        if part.ended and first > part.total:
            return
        if not part.lines:
            await asyncio.sleep(every_s)
