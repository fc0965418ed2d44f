"""Prints one JSON line per row: name, value, unit, baseline, ratio, goal, ok. A missing row is a failure.

Every pair is interleaved (bare, ours, bare, ours, …) and the median of five is taken, since the machines are noisy.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from temporalio.client import Client, WorkflowHandle

from activities.access.identities import create
from activities.jobs.executors.simulated import SimulatedJobs
from activities.pipelines.plan_store import store_plan
from activities.storage.stores.folder import FolderStore
from activities.supervisor.service import answers, free_port
from domain.approvals.request import Decision
from domain.approvals.spec import ApprovalSpec
from domain.core.values import Json
from domain.pipelines.job import Job, JobKind
from domain.pipelines.plan import Plan
from domain.pipelines.plan_ref import PlanRef
from domain.pipelines.steps import Step
from tests.bench import clusters, own_queue, rehearsals, releases, scale, scans
from tests.bench.bare import PAIRS, Bare, noop, pairs, spawn
from tests.bench.scale import resident_mb
from tests.support.lab import connect
from workers.client import approvals
from workers.client.client import Engine
from workers.core.settings import Settings
from workers.engine import embedded as engine
from workers.worker import temporal
from workers.worker.wiring import Wired, wire
from workflows.runs.messages import RunInput, RunResult
from workflows.runs.run import RunWorkflow

NAMES = [
    "seq_1",
    "seq_20",
    "seq_200",
    "fan_200",
    "events_per_job",
    "run_fixed_cost",
    "process_job",
    "memory_2000",
    "lint_1000",
    "cli_help",
    "cli_runs",
    "cli_run",
    "cli_steps_20",
    "up_ready",
    "decision_latency",
]
W = TypeVar("W")
R = TypeVar("R")
ROWS: dict[str, dict[str, Json]] = {}


def row(name: str, value: float, unit: str, baseline: float | None, goal: str, ok: bool, **more: Json) -> None:
    ratio = round(value / baseline, 3) if baseline else None
    rounded = round(baseline, 3) if baseline is not None else None
    ROWS[name] = {
        "name": name,
        "value": round(value, 3),
        "unit": unit,
        "baseline": rounded,
        "ratio": ratio,
        "goal": goal,
        "ok": ok,
        **more,
    }
    print(json.dumps(ROWS[name]), flush=True)


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
        input = RunInput(pipeline=name, number=number, plan=plan)
        return await self.client.start_workflow(
            RunWorkflow.run, input, id=f"run/{name}/{number}", task_queue=self.queue
        )


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


async def processes(b: Bench) -> None:
    """A job whose step runs `true`, against a bare activity that spawns `true`: per job, in chains of ten."""
    bare, ours, _, _ = await pairs(lambda: b.bare(10, "spawn"), lambda: b.ours(chain(10), "process"))
    more = (ours - bare) / 10 * 1000
    row(
        "process_job",
        ours / 10 * 1000,
        "ms per job",
        bare / 10 * 1000,
        "at most 30 ms over bare",
        more <= 30,
        over_ms=round(more, 1),
    )


async def decisions(b: Bench) -> None:
    """From the decision of the last approver to the start of the next job."""
    from workers.core.records import Records

    records, folder = Records.at(b.home / "records.db"), b.home / "identities"
    records.identities.save(create(folder, "one", (), ()))
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


def commands() -> None:
    """What a person waits for before a command says anything: the help, and a list of an engine without runs."""
    program = str(Path(sys.executable).with_name("sluiceway"))
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, "SLUICEWAY_HOME": folder}
        for name, argument, goal_ms in (("cli_help", "--help", 250), ("cli_runs", "runs", 400)):
            taken: list[float] = []
            bare: list[float] = []
            for _ in range(PAIRS):
                for command, into in (([sys.executable, "-c", "pass"], bare), ([program, argument], taken)):
                    began = time.perf_counter()
                    subprocess.run(command, stdout=subprocess.DEVNULL, env=env, check=True)
                    into.append(time.perf_counter() - began)
            median, baseline = statistics.median(taken), statistics.median(bare)
            row(name, median * 1000, "ms", baseline * 1000, f"under {goal_ms} ms", median * 1000 < goal_ms)


def warm_runs(folder: Path) -> None:
    """`sluiceway run FILE` on an engine that is up: the CPU of the command itself, and the time to its exit."""
    home, files = folder / "warm", folder / "files"
    files.mkdir()
    settings = Settings(home, Path(sys.prefix) / "tools")
    program = str(Path(sys.executable).with_name("sluiceway"))
    env = {**os.environ, "SLUICEWAY_HOME": str(home)}
    engine.up(settings)
    try:
        for name, steps, goal in (("cli_run", 1, "at most 0.5 s of CPU"), ("cli_steps_20", 20, "at most 1.0 s")):
            text = (
                f"apiVersion: sluiceway/v1\nkind: Pipeline\nname: {name.replace('_', '-')}\njobs:\n  only:\n    run:\n"
            )
            (files / f"{name}.yaml").write_text(text + '      - "true"\n' * steps)
            command = [program, "run", str(files / f"{name}.yaml")]
            _timed(command, env)  # the first run of a pipeline starts its entity
            taken: list[tuple[float, float]] = []
            bare: list[tuple[float, float]] = []
            for _ in range(PAIRS):
                bare.append(_timed([sys.executable, "-c", "pass"], env))
                taken.append(_timed(command, env))
            which = 1 if name == "cli_run" else 0
            mine, baseline = (statistics.median(one[which] for one in found) for found in (taken, bare))
            unit = "ms of CPU" if which else "ms"
            row(name, mine * 1000, unit, baseline * 1000, goal, mine <= (0.5 if which else 1.0))
    finally:
        engine.down(settings)


def _timed(command: list[str], env: dict[str, str]) -> tuple[float, float]:
    """Seconds that a command took, and seconds of CPU of it and of what it started and waited for."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, env=env, check=True)
    took, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return took, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def linting() -> None:
    from domain.triggers.events import Event, EventKind
    from pipeline_defs.core import cel_syntax, expressions
    from pipeline_defs.documents import check
    from pipeline_defs.pipelines.compile import compile_plan

    text = (
        "apiVersion: sluiceway/v1\nkind: Pipeline\nname: x\nparams: {n: {type: integer, default: 1}}\njobs:\n"
        + "".join(
            f"  job{i}:\n    stage: build\n    needs: [{f'job{i - 1}' if i else ''}]\n    when: params.n > {i - 2000}\n    env:\n      A: ${{{{ event.branch }}}}-{i}\n    run:\n      - echo {i}\n"
            for i in range(1000)
        )
    )
    taken = []
    for _ in range(PAIRS):
        cel_syntax.parse.cache_clear()
        expressions._compiled.cache_clear()
        began = time.perf_counter()
        made = compile_plan(check(text.encode(), "x.yaml", lambda path: None), Event(EventKind.PUSH))
        taken.append(time.perf_counter() - began)
        assert len(made.jobs) == 1000
    row(
        "lint_1000",
        statistics.median(taken) * 1000,
        "ms, linting and planning",
        None,
        "at most 500 ms",
        statistics.median(taken) <= 0.5,
    )


def starting(folder: Path) -> None:
    settings = Settings(folder / "up", Path(sys.prefix) / "tools")
    began = time.perf_counter()
    engine.up(settings)
    took = time.perf_counter() - began
    engine.down(settings)
    row("up_ready", took, "s", None, "at most 5 s", took <= 5)


@contextlib.asynccontextmanager
async def bench(address: str, folder: Path, *, real: bool) -> AsyncIterator[Bench]:
    """One worker for both sides; `real` runs processes, else jobs are simulated."""
    settings = Settings(folder / "home", Path(sys.prefix) / "tools", address=address)
    settings.home.mkdir(parents=True, exist_ok=True)
    wired, jobs = wire(settings), SimulatedJobs()
    activities = [a for a in wired.activities if real or a.__name__ != "run_job"] + ([] if real else [jobs.run_job])
    client = await connect(address)
    queue = f"bench-{uuid.uuid4()}"
    async with temporal.worker(client, [*activities, noop, spawn], queue, 100, [Bare]):
        yield Bench(client, queue, FolderStore(settings.store), settings.home, jobs, wired)


async def pipelines(folder: Path, address: str) -> None:
    linting()
    commands()
    warm_runs(folder)
    starting(folder)
    async with bench(address, folder, real=False) as b:
        await sequences(b)
        await decisions(b)
        await fans(b)
    async with bench(address, folder, real=True) as b:
        await processes(b)


async def queued(folder: Path, address: str) -> None:
    async with bench(address, folder / "queued", real=False) as b:
        await own_queue.measured(b, chain, fan, row)


async def released(folder: Path, address: str) -> None:
    releases.judging(row)
    await releases.events_per_hour(address, folder, row)
    await releases.shifts(folder / "shifts", row)
    await releases.detections(folder, row)


async def scaled(folder: Path, address: str) -> None:
    async with bench(address, folder / "simulated", real=False) as b:
        await scale.simulated(b, row)
    async with bench(address, folder / "real", real=True) as b:
        await scale.real(b, row)
    await scale.killed(folder, row)


async def rehearsed(folder: Path, address: str) -> None:
    await rehearsals.rehearsals(folder, row)


async def all_of_it(folder: Path, parts: list[str]) -> None:
    port, ui = free_port(), free_port()
    server = subprocess.Popen(
        engine.server_command(port, ui, str(folder / "t.db")), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while not answers(port, ""):
        time.sleep(0.02)
    try:
        for part in parts:
            await PARTS[part][0](folder, f"127.0.0.1:{port}")
    finally:
        server.terminate()
        server.wait()


PARTS = {
    "pipelines": (pipelines, NAMES),
    "own_queue": (queued, own_queue.NAMES),
    "releases": (released, releases.NAMES),
    "scale": (scaled, scale.NAMES),
    "rehearsals": (rehearsed, rehearsals.NAMES),
    "scans": (lambda folder, address: scans.scanned(folder, address, row), scans.NAMES),
    "clusters": (lambda folder, address: clusters.measured(address, folder / "clusters", row), clusters.NAMES),
}


def main(parts: list[str]) -> int:
    """`python -m tests.bench [pipelines] [own_queue] [releases] [scale] [rehearsals] [scans] [clusters]`; without names, all."""
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(all_of_it(Path(folder), parts or list(PARTS)))
    missing = [name for part in parts or PARTS for name in PARTS[part][1] if name not in ROWS]
    if missing:
        print(f"missing rows: {', '.join(missing)}", file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stdout.flush()
    os._exit(code)
