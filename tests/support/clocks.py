"""A clock that moves only when somebody sleeps."""

from __future__ import annotations

import asyncio


class SteppedClock:
    """Sleeping costs no time, and lets others run."""

    def __init__(self) -> None:
        self.time = 1_000_000.0

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.time += max(seconds, 0)
        await asyncio.sleep(0)
