"""Time as an observer has it: its ticks wait for it, and it tells when they were."""

from __future__ import annotations

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    """In seconds since the epoch. A test's may run ahead of the real one."""

    def now(self) -> float: ...

    async def sleep(self, seconds: float) -> None:
        """Not below zero: nothing is waited for then."""


class RealClock:
    """The machine's."""

    def now(self) -> float:
        return time.time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(seconds, 0))
