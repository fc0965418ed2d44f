"""How much of a cluster that dials out is taken: so many requests, rows and warnings a minute, and one write at a time.

Counted in this process, by cluster: whoever has the token of one holds up no other one.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from contextvars import copy_context
from functools import partial
from typing import TypeVar

from domain.core.errors import DefinitionError, RefusedError
from domain.inventory.told import CODE
from domain.inventory.told_pace import MOST_BYTES, Cost, Used, paced

T = TypeVar("T")
MOST_WAITING = 8
"""Requests of one cluster that wait for their turn; each holds a megabyte at most."""
MEASURED_EVERY_S = 60.0
"""How often all rows of one cluster are read to know how large they are: only once they may be too large."""
_WRITERS = ThreadPoolExecutor(2, thread_name_prefix="dial-out")
"""Of all clusters that dial out. A cluster has one turn at a time, so they take them one after the other."""


class PacedError(RefusedError):
    """More is told of a cluster than is taken."""

    def __init__(self, cluster: str, why: str, wait_s: float) -> None:
        self.retry_after_s = max(1, int(wait_s) + 1)
        super().__init__("SLW980", f"the worker in {cluster} tells more than is taken", why=why)


class Pace:
    """Of all clusters of this process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: dict[str, tuple[int, float]] = {}
        """About how many bytes, and when they were measured."""
        self._used: dict[str, Used] = {}
        self._turns: dict[str, asyncio.Lock] = {}
        self._waiting: dict[str, int] = {}

    def take(self, cluster: str, cost: Cost) -> None:
        """Counts what a request costs; a refused one counts nothing.

        Raises:
            PacedError: SLW980; it says when it would pass.
        """
        found = paced(self._used.get(cluster, Used()), self._clock(), cost)
        if found.wait_s > 0:
            raise PacedError(cluster, f"too many {found.what} a minute", found.wait_s)
        self._used[cluster] = found.used

    def grow(self, cluster: str, more: int, measure: Callable[[], int]) -> None:
        """Before so many bytes are kept. `measure`: how many are; asked at most each `MEASURED_EVERY_S`.

        Raises:
            DefinitionError: SLW978, it would be more than `MOST_BYTES`.
        """
        about, at = self._kept.get(cluster, (MOST_BYTES, -MEASURED_EVERY_S))
        if about + more > MOST_BYTES and self._clock() - at >= MEASURED_EVERY_S:
            about, at = measure(), self._clock()
        full = about + more > MOST_BYTES
        self._kept[cluster] = (about if full else about + more, at)
        if full:
            why = f"what is kept of it comes to {MOST_BYTES:,} bytes"
            raise DefinitionError(CODE, f"what is told of {cluster} is refused", why=why)

    async def write(self, cluster: str, call: Callable[[], T]) -> T:
        """What a blocking call finds, after those of the same cluster that came before it.

        Raises:
            PacedError: SLW980, too many wait already.
        """
        async with self._turn(cluster):
            called = partial(copy_context().run, call)
            return await asyncio.get_running_loop().run_in_executor(_WRITERS, called)

    @asynccontextmanager
    async def _turn(self, cluster: str) -> AsyncIterator[None]:
        waiting = self._waiting.get(cluster, 0)
        if waiting >= MOST_WAITING:
            raise PacedError(cluster, "too many requests at once", 0)
        self._waiting[cluster] = waiting + 1
        try:
            async with self._turns.setdefault(cluster, asyncio.Lock()):
                yield
        finally:
            self._waiting[cluster] -= 1
            if not self._waiting[cluster]:
                del self._waiting[cluster], self._turns[cluster]
