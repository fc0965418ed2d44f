"""What a worker does beside its workflows, for as long as it lives: none of it dies without a word.

An error that a task does not expect ends that task only. It is logged, the first of several in a row is told to the
channels, and the task begins again, later each time; one that has worked for a while begins as after its first error.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from activities.notifications.port import Notice, Notifier

FIRST_S, MOST_S = 1.0, 300.0
HEALTHY_S = 600.0
"""A task that worked for so long has recovered from its last error."""
_log = logging.getLogger("sluiceway.worker")


@dataclass(frozen=True)
class Beside:
    """One task. It never returns of its own accord; one that does has ended by mistake."""

    name: str
    """For people: `sweeps leftovers of jobs`."""
    work: Callable[[], Awaitable[None]]


def pause_s(failures: int) -> float:
    """Seconds before a task begins again after so many failures in a row: doubled each time."""
    return min(MOST_S, FIRST_S * 2.0 ** min(failures - 1, 20))


async def kept(
    task: Beside, channels: Sequence[Notifier] = (), sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> None:
    """Does it until it is cancelled."""
    failures = 0
    clock = asyncio.get_running_loop().time
    while True:
        began = clock()
        try:
            await task.work()
            why = "it ended of its own accord"
            _log.error("the worker's task '%s' ended: it begins again", task.name)
        except Exception as broken:  # whatever it is: the others go on, and this one comes back
            why = f"{type(broken).__name__}: {broken}"[:300]
            _log.exception("the worker's task '%s' failed: it begins again", task.name)
        failures = 1 if clock() - began >= HEALTHY_S else failures + 1
        if failures == 1:
            await _tell(channels, task.name, why)
        await sleep(pause_s(failures))


async def _tell(channels: Sequence[Notifier], name: str, why: str) -> None:
    for channel in channels:
        try:
            await channel.notify(Notice("worker-failing", "worker", f"the worker's task '{name}' failed: {why}"))
        except Exception:  # a channel that breaks must not end what it tells of
            _log.exception("a notice was not delivered")
