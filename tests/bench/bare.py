"""The baseline: Temporal with nothing around it."""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import Awaitable, Callable
from datetime import timedelta

from temporalio import activity, workflow

LIMIT = timedelta(seconds=60)
OWN = "own "
"""In front of a kind: the activities have a task queue of their own, `-own` behind the workflow's, as jobs have."""
PAIRS = 5


@activity.defn(name="bare-noop")
async def noop(text: str) -> str:
    return text


@activity.defn(name="bare-spawn")
async def spawn(text: str) -> int:
    process = await asyncio.create_subprocess_exec("true")
    return await process.wait()


@workflow.defn(name="Bare")
class Bare:
    """`count` activities, one after the other or all at once."""

    @workflow.run
    async def run(self, count: int, kind: str) -> None:
        queue = f"{workflow.info().task_queue}-own" if kind.startswith(OWN) else None
        kind = kind.removeprefix(OWN)
        if kind == "parallel":
            await asyncio.gather(
                *(
                    workflow.execute_activity(noop, "x", task_queue=queue, start_to_close_timeout=LIMIT)
                    for _ in range(count)
                )
            )
            return
        for _ in range(count):
            if kind == "spawn":
                await workflow.execute_activity(spawn, "x", start_to_close_timeout=LIMIT)
            else:
                await workflow.execute_activity(noop, "x", task_queue=queue, start_to_close_timeout=LIMIT)


async def pairs(
    bare: Callable[[], Awaitable[tuple[float, int]]],
    ours: Callable[[], Awaitable[tuple[float, int]]],
    count: int = PAIRS,
) -> tuple[float, float, int, int]:
    """Median seconds of both, and their events. In turn: single runs differ by more than what is measured."""
    bares, mine = [], []
    for _ in range(count):
        bares.append(await bare())
        mine.append(await ours())
    return (
        statistics.median(x[0] for x in bares), statistics.median(x[0] for x in mine), bares[-1][1], mine[-1][1]
    )  # fmt: skip
