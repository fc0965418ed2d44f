"""What many jobs, many runs and a kill cost: memory, events, bytes and seconds."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import statistics
import sys
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from domain.pipelines.job import Job, JobKind
from domain.pipelines.steps import Step
from tests.bench.bare import pairs
from tests.support.lab import Repo, until
from tests.support.supervised import pids
from workers.client import runs, triggers
from workers.client.client import Engine
from workers.core import connection
from workers.core.settings import Settings
from workers.engine import embedded as engine

NAMES = [
    "jobs_5000",
    "memory_5000",
    "slope_400",
    "bytes_per_job",
    "each_2000",
    "runs_300",
    "memory_300",
    "kill_to_resumed",
]
COUNTS = (1, 10, 50, 100, 200, 400)
"""Jobs of a chain, for the table and the plot of how the cost grows."""


def fan(count: int) -> list[Job]:
    return [Job(f"j{i}", JobKind.RUN, f"j{i}", stage="run", steps=(Step("true"),)) for i in range(count)]


def chain(count: int) -> list[Job]:
    needs = [(f"j{i - 1}",) if i else () for i in range(count)]
    return [
        Job(f"j{i}", JobKind.RUN, f"j{i}", stage="run", needs=needs[i], steps=(Step("true"),)) for i in range(count)
    ]


def each(count: int) -> list[Job]:
    names = ",".join(str(index) for index in range(count))
    listed = Step(f"echo 'items=[{names}]' >> $SLUICEWAY_OUTPUT")
    return [
        Job("list", JobKind.RUN, "list", stage="run", outputs={"items": "list"}, steps=(listed,)),
        Job(
            "each",
            JobKind.RUN,
            "each",
            stage="run",
            needs=("list",),
            for_each="needs.list.outputs.items",
            steps=(Step("true"),),
        ),
    ]


def resident_mb(pid: int | str = "self") -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


@contextlib.asynccontextmanager
async def sampled() -> AsyncIterator[list[float]]:
    """Resident memory of this process, which is the worker too, each half second."""
    found: list[float] = [resident_mb()]

    async def sample() -> None:
        while True:
            await asyncio.sleep(0.5)
            found.append(resident_mb())

    task = asyncio.create_task(sample())
    try:
        yield found
    finally:
        task.cancel()
        found.append(resident_mb())


def growth(found: list[float]) -> float:
    """Of the last third over the second: the first is warming up."""
    third = max(len(found) // 3, 1)
    return statistics.median(found[-third:]) / statistics.median(found[third : 2 * third] or found)


async def history(client: Any, id_: str) -> tuple[int, int, int]:
    """Events and bytes over all executions of a workflow, and how many there were."""
    events = size = count = 0
    async for one in client.list_workflows(f"WorkflowId = '{id_}'"):
        described = await client.get_workflow_handle(one.id, run_id=one.run_id).describe()
        info = described.raw_description.workflow_execution_info
        events, size, count = events + info.history_length, size + info.history_size_bytes, count + 1
    return events, size, count


async def simulated(b: Any, row: Callable[..., None]) -> None:
    """On simulated jobs: what the engine itself costs."""
    async with sampled() as memory:
        bare, _ = await b.bare(2000, "parallel")
        took, _ = await b.ours(fan(5_000), "five-thousand")
    grown = growth(memory)
    row("jobs_5000", took, "s", bare * 2.5, "all end", True, of="2,000 bare activities at once, times 2.5")
    row("memory_5000", max(memory), "MB", None, "flat within 20 %", grown <= 1.2, growth=round(grown, 3))
    found = {}
    for count in COUNTS:
        sized = await _sized(b, count)
        found[count] = sized
        over = {"events": sized.events, "bare_events": sized.bare_events, "bytes": sized.bytes}
        row(f"grows_{count}", sized.s * 1000, "ms", sized.bare_s * 1000, "none", True, **over)
    some, many = found[COUNTS[-2]], found[COUNTS[-1]]
    more = COUNTS[-1] - COUNTS[-2]
    slope, slope_bare = (many.s - some.s) / more * 1000, (many.bare_s - some.bare_s) / more * 1000
    unit = f"ms per job, from {COUNTS[-2]} to {COUNTS[-1]}"
    row("slope_400", slope, unit, slope_bare, "ratio at most 1.25", slope <= 1.25 * slope_bare)
    per_job = many.bytes / COUNTS[-1]
    row("bytes_per_job", per_job, "bytes of history", None, "at most 8,000", per_job <= 8_000)


@dataclass(frozen=True)
class Sized:
    """A chain of jobs, and as many bare activities: medians of interleaved runs."""

    s: float
    bare_s: float
    events: int
    bare_events: int
    bytes: int


async def _sized(b: Any, count: int) -> Sized:
    name = f"grow-{count}"
    bare_s, ours_s, bare_events, events = await pairs(
        lambda: b.bare(count, "serial"), lambda: b.ours(chain(count), name)
    )
    _, size, _ = await history(b.client, await _last(b, name))
    return Sized(ours_s, bare_s, events, bare_events, size)


async def _last(b: Any, name: str) -> str:
    async def listed() -> str:
        query = f"WorkflowType = 'PipelineWorkflow' AND WorkflowId STARTS_WITH 'run/{name}/'"
        async for one in b.client.list_workflows(query):
            return str(one.id)
        return ""

    return str(await until(listed))


async def real(b: Any, row: Callable[..., None]) -> None:
    """With processes."""
    async with sampled() as memory:
        took, _ = await b.ours(each(2_000), "each")
    row("each_2000", took, "s", None, "all end", True, growth=round(growth(memory), 3))
    async with sampled() as memory:
        began = time.perf_counter()
        handles = [await b.start(b.plan(fan(2), "many"), f"many-{index}") for index in range(300)]
        results = await asyncio.gather(*(handle.result() for handle in handles))
        took = time.perf_counter() - began
    grown, ended = growth(memory), sum(result.status == "passed" for result in results)
    row("runs_300", took, "s", None, "all end", ended == 300, ended=ended)
    row("memory_300", max(memory), "MB", None, "at most 400 MB, flat within 20 %", grown <= 1.2, growth=round(grown, 3))


STEP = """apiVersion: sluiceway/v1
kind: Pipeline
name: killed
jobs:
  a:
    run: while ! test -e {gate}; do sleep 0.02; done
  b:
    needs: a
    run: 'true'
"""


async def killed(folder: Path, row: Callable[..., None]) -> None:
    """From kill -9 of the worker in a step that then ends, to the end of the run. The worker comes back by itself."""
    taken = []
    settings = Settings(folder / "killed", Path(sys.prefix) / "tools")
    engine.up(settings)
    try:
        connected = Engine(await connection.connect(settings.temporal_address()))
        for number in range(5):
            taken.append(await _kill(connected, settings, folder, number))
    finally:
        engine.down(settings)
    worst = max(taken)
    row("kill_to_resumed", statistics.median(taken), "s", None, "under 15 s", worst < 15, worst=round(worst, 1))


async def _kill(connected: Engine, settings: Settings, folder: Path, number: int) -> float:
    from domain.triggers.delivery import Delivery
    from domain.triggers.events import Event, EventKind
    from domain.triggers.source import SourceRef

    gate = folder / f"gate-{number}"
    repo = Repo.create(folder / f"killed-{number}", {"sluiceway.yaml": STEP.format(gate=gate)})
    event = Event(EventKind.MANUAL, str(repo.path), repo.head)
    delivery = Delivery(f"kill-{number}", event, "sluiceway.yaml", SourceRef(str(repo.path), repo.head), "killed")
    run = (await triggers.deliver(connected, delivery)).run
    await until(lambda: list((settings.home / "jobs").glob("*/log.jsonl"))[number:])
    began = time.perf_counter()
    os.kill(pids(settings.home / "engine" / "worker")[0], signal.SIGKILL)
    gate.touch()
    result = await runs.result(connected, run)
    assert result.status == "passed", result
    return time.perf_counter() - began
