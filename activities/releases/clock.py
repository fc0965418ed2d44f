"""The observer's clock: it paces ticks and dates them."""

from __future__ import annotations

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    """Seconds since the epoch. A test's clock may run faster than the real one."""

    def now(self) -> float: ...

    async def sleep(self, seconds: float) -> None:
        """Returns at once for zero or less."""


class RealClock:
    """The machine's clock."""

    def now(self) -> float:
        return time.time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(seconds, 0))
