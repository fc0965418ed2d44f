"""What the engine costs over bare Temporal: chains, fans, processes and decisions, on one worker for both sides."""

from __future__ import annotations

import asyncio
import contextlib
import statistics
import sys
import time
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from temporalio.client import Client, WorkflowHandle

from activities.access.identities import create
from activities.authority.port import PlanStatement
from activities.jobs.executors.simulated import SimulatedJobs
from activities.pipelines.plan_store import store_plan
from activities.storage.stores.folder import FolderStore
from domain.approvals.request import Decision
from domain.approvals.spec import ApprovalSpec
from domain.jobs.isolation import Level
from domain.pipelines.job import Job, JobKind
from domain.pipelines.plan import Plan
from domain.pipelines.plan_ref import PlanRef
from domain.pipelines.steps import Step
from tests.bench.bare import Bare, noop, pairs, spawn
from tests.bench.rows import row
from tests.bench.scale import resident_mb
from tests.support.lab import connect, on_signer, registrar_of, ring_of
from workers.client import approvals
from workers.client.client import Engine
from workers.core.settings import Settings
from workers.worker import temporal
from workers.worker.wiring import Wired
from workflows.runs.messages import RunInput, RunResult
from workflows.runs.run import RunWorkflow

W = TypeVar("W")


R = TypeVar("R")


@dataclass
class Bench:
    client: Client
    queue: str
    store: FolderStore
    home: Path
    jobs: SimulatedJobs
    wired: Wired

    async def bare(self, count: int, kind: str) -> tuple[float, int]:
        began = time.perf_counter()
        handle = await self.client.start_workflow(
            Bare.run, args=[count, kind], id=f"bare/{uuid.uuid4()}", task_queue=self.queue
        )
        await handle.result()
        return time.perf_counter() - began, await events(handle)

    async def ours(self, jobs: list[Job], name: str) -> tuple[float, int]:
        plan = store_plan(self.store, Plan(name, tuple(jobs)))
        began = time.perf_counter()
        handle = await self.start(plan, name)
        result = await handle.result()
        took = time.perf_counter() - began
        assert result.status == "passed", result
        return took, await events(handle)

    def plan(self, jobs: list[Job], name: str) -> PlanRef:
        return store_plan(self.store, Plan(name, tuple(jobs)))

    async def start(self, plan: PlanRef, name: str) -> WorkflowHandle[RunWorkflow, RunResult]:
        number = time.time_ns() % 10**12
        run = f"run/{name}/{number}"
        self.wired.permits.plan(PlanStatement(pipeline=name, plan=plan.digest, delivery=run))
        input = RunInput(pipeline=name, number=number, plan=plan)
        return await self.client.start_workflow(RunWorkflow.run, input, id=run, task_queue=self.queue)


async def events(handle: WorkflowHandle[W, R]) -> int:
    return (await handle.describe()).history_length


def chain(count: int) -> list[Job]:
    return [
        Job(f"j{i}", JobKind.RUN, f"j{i}", stage="run", needs=(f"j{i - 1}",) if i else (), steps=(Step("true"),))
        for i in range(count)
    ]


def fan(count: int) -> list[Job]:
    return [Job(f"j{i}", JobKind.RUN, f"j{i}", stage="run", steps=(Step("true"),)) for i in range(count)]


async def sequences(b: Bench) -> None:
    await b.bare(3, "serial")
    await b.ours(chain(3), "warm")
    found = {}
    for count in (1, 20, 200):
        found[count] = await pairs(partial(b.bare, count, "serial"), partial(b.ours, chain(count), f"seq-{count}"))
    (b1, o1, eb1, eo1), (b20, o20, eb20, eo20), (b200, o200, eb200, eo200) = found[1], found[20], found[200]
    row("seq_1", o1 * 1000, "ms", b1 * 1000, "none", True)
    row("seq_20", o20 * 1000, "ms", b20 * 1000, "none", True)
    slope, slope_bare = (o200 - o20) / 180 * 1000, (b200 - b20) / 180 * 1000
    ok = slope <= 1.25 * slope_bare
    row(
        "seq_200",
        slope,
        "ms per job, from 20 to 200",
        slope_bare,
        "ratio at most 1.25",
        ok,
        total_ms=round(o200 * 1000),
        bare_total_ms=round(b200 * 1000),
    )
    per_job, per_job_bare = (eo200 - eo20) / 180, (eb200 - eb20) / 180
    row(
        "events_per_job",
        per_job,
        "events, from 20 to 200",
        per_job_bare,
        "ratio at most 1.3",
        per_job <= 1.3 * per_job_bare,
    )
    more_ms, more_events = (o1 - b1) * 1000, eo1 - eb1
    ok = more_ms <= 100 and more_events <= 20
    row("run_fixed_cost", more_ms, "ms over bare", None, "at most 100 ms and 20 events", ok, events=more_events)


async def fans(b: Bench) -> None:
    bare, ours, _, _ = await pairs(lambda: b.bare(200, "parallel"), lambda: b.ours(fan(200), "fan-200"))
    row("fan_200", ours * 1000, "ms", bare * 1000, "none", True)
    before = resident_mb()
    await b.bare(2000, "parallel")
    between = resident_mb()
    await b.ours(fan(2000), "fan-2000")
    grown = resident_mb() - between
    row("memory_2000", grown, "MB grown by a run of 2,000 jobs", between - before, "at most 200 MB", grown <= 200)


async def processes(b: Bench, name: str) -> None:
    """A job whose step runs `true`, against a bare activity that spawns `true`: per job, in chains of ten."""
    await b.bare(2, "spawn")
    await b.ours(chain(2), "warm")
    bare, ours, _, _ = await pairs(lambda: b.bare(10, "spawn"), lambda: b.ours(chain(10), "process"))
    more = (ours - bare) / 10 * 1000
    row(
        name,
        ours / 10 * 1000,
        "ms per job",
        bare / 10 * 1000,
        "at most 15 ms over bare",
        more <= 15,
        over_ms=round(more, 1),
    )


async def decisions(b: Bench) -> None:
    """From the decision of the last approver to the start of the next job."""
    folder = b.home / "identities"
    registrar_of(b.wired).person(create(folder, "one", (), ()))
    connected, taken = Engine(b.client, b.queue), []
    for index in range(9):
        jobs = [
            Job("ok", JobKind.APPROVAL, "ok", stage="approval", approval=ApprovalSpec(users=("one",))),
            Job(f"next-{index}", JobKind.RUN, f"next-{index}", stage="run", needs=("ok",), steps=(Step("true"),)),
        ]
        handle = await b.start(store_plan(b.store, Plan("decides", tuple(jobs))), "decides")
        decision: Decision | None = None
        while decision is None:
            with contextlib.suppress(Exception):
                decision = await approvals.sign(connected, handle.id, "ok", "one", True, "", folder)
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.3)  # nobody decides before the notice is out
        began = time.time()
        await approvals.decide(connected, handle.id, "ok", decision)
        await handle.result()
        taken.append(b.jobs.began[f"next-{index}"] - began)
    median = statistics.median(taken)
    row("decision_latency", median * 1000, "ms", None, "median under 100 ms", median < 0.1)


@contextlib.asynccontextmanager
async def bench(address: str, folder: Path, *, real: bool, most: Level = Level.SANDBOX) -> AsyncIterator[Bench]:
    """One worker for both sides; `real` runs processes, else jobs are simulated. `most`: how they are kept apart."""
    settings = Settings(folder / "home", Path(sys.prefix) / "tools", address=address, isolation_most=most)
    settings.home.mkdir(parents=True, exist_ok=True)
    wired, jobs = on_signer(settings), SimulatedJobs()
    activities = [a for a in wired.activities if real or a.__name__ != "run_job"] + ([] if real else [jobs.run_job])
    client = await connect(address, settings.home)
    queue = f"bench-{uuid.uuid4()}"
    async with temporal.worker(client, [*activities, noop, spawn], ring_of(settings.home), queue, 100, [Bare]):
        yield Bench(client, queue, FolderStore(settings.store), settings.home, jobs, wired)
