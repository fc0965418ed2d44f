"""What seals on messages cost: the same chain of 200 jobs by a worker that seals and verifies, and by one that does not.

The goal: at most three hundredths more. A job is two sealed messages, its arguments and its result.
"""

from __future__ import annotations

import contextlib
import statistics
import time
import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

from temporalio.client import Client
from temporalio.worker import Worker

from tests.bench.bare import PAIRS
from tests.bench.engine_cost import Bench, bench, chain
from workers.core import conversion
from workers.worker import temporal
from workflows.core.activity_options import JOBS

NAMES = ["mac_per_job"]
COUNT = 200


async def measured(address: str, folder: Path, row: Callable[..., None]) -> None:
    """Both workers are of this process, and take turns."""
    async with bench(address, folder, real=False) as ours, _unsealed(address, ours) as bare:
        pairs = []
        for turn in range(2 * PAIRS + 1):
            sides = (bare, ours) if turn % 2 else (ours, bare)
            took = {one.queue: await _took(one, "mac-on" if one is ours else "mac-off") for one in sides}
            pairs.append((took[bare.queue], took[ours.queue]))
    timed = pairs[1:]
    without, within = (statistics.median(one.wall_s for one in side) for side in zip(*timed, strict=True))
    wall = statistics.median(on.wall_s / off.wall_s for off, on in timed)
    cpu = statistics.median(on.cpu_s / off.cpu_s for off, on in timed)
    each, what = 1000 / COUNT, "ms per job, of 200 in a chain"
    row("mac_per_job", within * each, what, without * each, "<= 1.03 in pairs", wall <= 1.03, pairs=wall, cpu_pairs=cpu)


@dataclass(frozen=True)
class Took:
    wall_s: float
    cpu_s: float
    """Of this process, which is worker and client: it says more than the clock where others use the machine."""


async def _took(side: Bench, name: str) -> Took:
    cpu = time.process_time()
    wall_s, _ = await side.ours(chain(COUNT), name)
    return Took(wall_s, time.process_time() - cpu)


@contextlib.asynccontextmanager
async def _unsealed(address: str, like: Bench) -> AsyncIterator[Bench]:
    """The same activities without keys, as before there were seals."""
    client = await Client.connect(address, data_converter=conversion.CONVERTER)
    queue = f"bench-{uuid.uuid4()}"
    activities = [one for one in like.wired.activities if one.__name__ != "run_job"] + [like.jobs.run_job]

    def made(queue: str, activities: list[temporal.Activity], workflows: list[type]) -> Worker:
        return temporal._worker(
            client, queue, activities, 100, workflows,
            runner=temporal.runner(), deployment=None, grace_s=1, debug=False, interceptors=[],
        )  # fmt: skip

    async with temporal.Workers(
        made(queue, activities, temporal.WORKFLOWS), made(queue + JOBS, [like.jobs.run_job], [])
    ):
        yield Bench(client, queue, like.store, like.home, like.jobs, like.wired)
