"""What a task queue of their own costs jobs: bare Temporal with one and without, and the engine beside both.

The SDK hands an activity of the workflow's own queue straight to its own worker; one of another queue goes through the
server. Jobs have another queue, so that approvals and releases never wait behind them.
"""

from __future__ import annotations

import statistics
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from temporalio.worker import Worker

from domain.pipelines.job import Job
from tests.bench.bare import OWN, PAIRS, noop

NAMES = ["own_queue_200", "own_queue_fan_200"]
Jobs = Callable[[int], list[Job]]
Timed = Callable[[], Awaitable[tuple[float, int]]]


async def measured(b: Any, chain: Jobs, fan: Jobs, row: Callable[..., None]) -> None:
    """A chain and a fan of 200, each as bare activities on one queue, on two, and as jobs."""
    async with Worker(b.client, task_queue=f"{b.queue}-own", activities=[noop], max_concurrent_activities=100):
        for name, kind, jobs in (("own_queue_200", "serial", chain), ("own_queue_fan_200", "parallel", fan)):
            one, two, ours = await _in_turn(
                partial(b.bare, 200, kind),
                partial(b.bare, 200, OWN + kind),
                partial(b.ours, jobs(200), name.replace("_", "-")),
            )
            more = {"engine_ms": round(ours * 1000), "engine_over_two_queues": round(ours / two, 3)}
            row(name, two * 1000, "ms, bare on two queues; baseline: on one", one * 1000, "stated", True, **more)


async def _in_turn(*timed: Timed) -> list[float]:
    """Median seconds of each; one warm-up, then all of them in turn."""
    taken: list[list[float]] = [[] for _ in timed]
    for one in timed:
        await one()
    for _ in range(PAIRS):
        for call, into in zip(timed, taken, strict=True):
            into.append((await call())[0])
    return [statistics.median(one) for one in taken]
