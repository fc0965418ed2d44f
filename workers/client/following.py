"""A log while it is written: every line once and in order, whichever client reads it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Protocol, runtime_checkable

from workers.client.ports.pods import PodLogs, Pods
from workers.client.ports.runs import LogPart, Runs

EVERY_S = 0.5
"""Between two looks at a log that has nothing new."""
AT_ONCE = 1000
"""Lines of a part."""


@runtime_checkable
class Streams(Protocol):
    """Runs that bring new lines by themselves."""

    def stream(self, run: str, job: str, attempt: int, first: int) -> AsyncIterator[LogPart]:
        """Parts from a line on, until the log ends."""
        ...


@runtime_checkable
class PodStreams(Protocol):
    """Pods that bring new lines by themselves."""

    def stream(self, which: PodLogs, first: int) -> AsyncIterator[LogPart]:
        """Parts from a line on, until the log ends."""
        ...


async def follow(
    runs: Runs, run: str, job: str, attempt: int = 1, *, first: int = 1, quiet_s: float = 0
) -> AsyncIterator[LogPart | None]:
    """Parts that have lines, and the last one with `ended`. `first`: number of the first line that is wanted.

    `quiet_s`: after so many seconds without a line, None, again and again; 0: never.
    """
    if isinstance(runs, Streams):
        async for part in runs.stream(run, job, attempt, first):
            yield part
        return
    async for one in _looked(lambda at: runs.log(run, job, attempt, first=at, limit=AT_ONCE), first, quiet_s):
        yield one


async def follow_pod(
    pods: Pods, which: PodLogs, *, first: int = 1, quiet_s: float = 0
) -> AsyncIterator[LogPart | None]:
    """The same of the containers of a pod."""
    if isinstance(pods, PodStreams):
        async for part in pods.stream(which, first):
            yield part
        return
    async for one in _looked(lambda at: pods.log(which, first=at, limit=AT_ONCE), first, quiet_s):
        yield one


async def _looked(
    look: Callable[[int], Awaitable[LogPart]], first: int, quiet_s: float
) -> AsyncIterator[LogPart | None]:
    quiet = 0.0
    while True:
        part = await look(first)
        if part.lines:
            first, quiet = part.lines[-1].number + 1, 0.0
        if part.lines or part.ended:
            yield part
        if part.ended and first > part.total:
            return
        if not part.lines:
            await asyncio.sleep(EVERY_S)
            quiet += EVERY_S
            if quiet_s and quiet >= quiet_s:
                quiet = 0.0
                yield None
