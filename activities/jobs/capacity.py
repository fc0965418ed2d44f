"""Jobs wait here for capacity on their worker: cores, memory, containers. domain/jobs/capacity.py decides the order."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from activities.core.cancellation import Heartbeat
from domain.core.errors import SluicewayError
from domain.jobs.capacity import Capacity, ResourceRequest, complaint, need_of
from domain.pipelines.job import Job

NO_ROOM = "SLW846"
MEMORY_SHARE = 0.8
"""Shares of the machine; the rest is for the engine and the system."""


class WorkerCapacity:
    """One per worker process; the domain's rules admit waiting jobs."""

    def __init__(self, capacity: ResourceRequest) -> None:
        self._room = Capacity(capacity)
        self._turns: dict[str, asyncio.Event] = {}

    @asynccontextmanager
    async def held(self, who: str, job: Job, *, runs_already: bool = False) -> AsyncIterator[None]:
        """Capacity for one job while the block runs. Waits at most for the job's queue limit.

        Raises:
            SluicewayError: SLW845, it never fits; SLW846, there was no capacity in time.
        """
        need = need_of(job, self._room.capacity)
        try:
            if runs_already:
                self._room.take(who, need)
            else:
                await self._wait(who, need, job.queue_timeout_s)
            yield
        finally:
            for other in self._room.leave(who):
                self._turns[other].set()

    async def _wait(self, who: str, need: ResourceRequest, limit_s: float) -> None:
        if wrong := complaint(need, self._room.capacity):
            raise SluicewayError("SLW845", wrong, fix="request less, or start a larger worker")
        if self._room.ask(who, need):
            return
        turn = self._turns.setdefault(who, asyncio.Event())
        try:
            async with Heartbeat(lambda: self._room.words(who)), asyncio.timeout(limit_s):
                await turn.wait()
        except TimeoutError:
            what = f"no capacity within {limit_s:g} s: it {self._room.words(who)}"
            raise SluicewayError(NO_ROOM, what, fix="start more workers, or raise queue-timeout") from None
        finally:
            del self._turns[who]


def measured(cpus: float = 0, memory_mb: int = 0, containers: int = 0) -> ResourceRequest:
    """The capacity of this machine, unless configured."""
    return ResourceRequest(cpus or float(len(os.sched_getaffinity(0))), memory_mb or _memory_mb(), containers or 8)


def _memory_mb() -> int:
    """The machine's memory, or its control group's limit (version 2)."""
    there = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    with suppress(OSError, ValueError):  # "max": no limit
        there = min(there, int(Path("/sys/fs/cgroup/memory.max").read_text()))
    return int(there * MEMORY_SHARE / 1e6)
