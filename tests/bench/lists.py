"""What pages ask for, at the size of a large installation: each list beside its query in bare SQL."""

from __future__ import annotations

import sqlite3
import statistics
import subprocess
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path

from activities.jobs.log_pages import LogPages
from tests.bench.rows import row
from tests.support import seeded_home
from tests.support.guards import OpenGuard
from workers.client.on_engine.parts import EngineParts
from workers.client.on_engine.releases.releases import EngineReleases
from workers.client.on_engine.runs.runs import EngineRuns
from workers.client.ports.pages import PageOf
from workers.client.ports.runs import RunFilter
from workers.core.settings import Settings
from workers.worker.local_wiring import open_objects

TIMES = 40
GOAL_MS = 1_000
LANDING_MS = 200
LINES, LOG_MS = 1_000_000, 500
Ask = Callable[[], Awaitable[object]]
Asked = tuple[str, Ask, str, int]
"""Row, call, the query in bare SQL, goal in ms."""
RUNS = "select id, pipeline, status, branch, author, message, started_at, ended_at from pipeline_runs"
NEWEST = "order by started_at desc, id desc limit 51"


NAMES = [
    *("list_runs", "list_runs_page_20", "list_runs_failed", "list_runs_of_pipeline", "list_runs_by_text"),
    *("list_pipelines", "show_run", "list_releases", "list_environments", "list_live"),
    *("log_last_lines", "log_middle_cold", "log_middle_warm", "log_search"),
]


async def measured(folder: Path, size: seeded_home.Size | None = None) -> None:
    """Fills a home, and asks; then reads a log of a million lines."""
    size = size or seeded_home.Size()
    folder.mkdir(parents=True, exist_ok=True)
    records = seeded_home.at(folder, size)
    settings = Settings(folder, folder / "tools")
    parts = EngineParts(settings, records.database, lambda: open_objects(settings), opened=records)
    try:
        await _all(parts, folder / "records.db", size)
    finally:
        records.close()
    _logs(folder / "log.jsonl")


async def _all(parts: EngineParts, file: Path, size: seeded_home.Size) -> None:
    pipeline = seeded_home.run_of(size, size.runs // 2)[0]
    asked = [*await _of_runs(parts, size, pipeline), *_of_releases(parts, pipeline)]
    with closing(sqlite3.connect(file)) as bare:
        for name, ask, query, goal in asked:
            await _row(name, ask, bare, query, goal)


async def _of_runs(parts: EngineParts, size: seeded_home.Size, pipeline: str) -> list[Asked]:
    runs = EngineRuns(parts, OpenGuard())
    middle = seeded_home.NOW - size.runs * 15.0
    deep = await _nth(runs, 20)
    return [
        ("list_runs", lambda: runs.list(RunFilter(), PageOf()), f"{RUNS} {NEWEST}", LANDING_MS),
        (
            "list_runs_page_20",
            lambda: runs.list(RunFilter(), deep),
            f"{RUNS} where (started_at, id) < ({middle}, '') {NEWEST}",
            GOAL_MS,
        ),
        (
            "list_runs_failed",
            lambda: runs.list(RunFilter(status="failed"), PageOf()),
            f"{RUNS} where status = 'failed' {NEWEST}",
            GOAL_MS,
        ),
        (
            "list_runs_of_pipeline",
            lambda: runs.list(RunFilter(pipeline=pipeline), PageOf()),
            f"{RUNS} where pipeline = '{pipeline}' {NEWEST}",
            GOAL_MS,
        ),
        (
            "list_runs_by_text",
            lambda: runs.list(RunFilter(text="nowhere to be found"), PageOf()),
            f"{RUNS} where (lower(id) like '%nowhere%' or lower(commit_id) like '%nowhere%' or lower(branch) like"
            f" '%nowhere%' or lower(author) like '%nowhere%' or lower(message) like '%nowhere%') {NEWEST}",
            GOAL_MS,
        ),
        (
            "list_pipelines",
            lambda: runs.pipelines(PageOf()),
            "select p.*, r.status from pipelines p left join pipeline_runs r on r.id = p.last_run"
            " order by name limit 51",
            GOAL_MS,
        ),
        (
            "show_run",
            lambda: runs.show(f"{pipeline}/1"),
            f"select * from jobs where run = 'run/{pipeline}/1'",
            GOAL_MS,
        ),
    ]


def _of_releases(parts: EngineParts, pipeline: str) -> list[Asked]:
    releases = EngineReleases(parts, OpenGuard())
    return [
        (
            "list_releases",
            lambda: releases.list("", "env-07", PageOf()),
            "select * from releases where environment = 'env-07' order by started_at desc, id desc limit 51",
            GOAL_MS,
        ),
        (
            "list_environments",
            lambda: releases.environments(PageOf()),
            "select environment, count(*) from live_versions group by environment",
            GOAL_MS,
        ),
        (
            "list_live",
            lambda: releases.live("", pipeline, PageOf()),
            f"select * from live_versions where service = '{pipeline}' order by environment limit 51",
            GOAL_MS,
        ),
    ]


async def _nth(runs: EngineRuns, number: int) -> PageOf:
    page = PageOf()
    for _ in range(number):
        page = PageOf(after=(await runs.list(RunFilter(), page)).next)
    return page


async def _row(name: str, ask: Ask, bare: sqlite3.Connection, query: str, goal_ms: int) -> None:
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(TIMES):
        began = time.perf_counter()
        bare.execute(query).fetchall()
        theirs.append(time.perf_counter() - began)
        began = time.perf_counter()
        await ask()
        ours.append(time.perf_counter() - began)
    worst = statistics.quantiles(ours, n=20)[-1] * 1000
    beside = statistics.quantiles(theirs, n=20)[-1] * 1000
    row(name, worst, "ms p95", beside, f"under {goal_ms} ms", worst < goal_ms)


def _logs(path: Path) -> None:
    """Beside a program that reads all of it: `wc -l`."""
    with path.open("w") as file:
        for number in range(1, LINES + 1):
            text = f"line {number} of a build that says a lot about what it does"
            file.write(f'{{"n": {number}, "t": 1800000000.123, "s": 1, "o": "out", "l": "{text}"}}\n')
    warm = LogPages()
    warm.lines(path, 1, 1, ended=True)
    asked: list[tuple[str, Callable[[], object]]] = [
        ("log_last_lines", lambda: LogPages().last(path, 500, ended=True)),
        ("log_middle_cold", lambda: LogPages().lines(path, LINES // 2, 500, ended=True)),
        ("log_middle_warm", lambda: warm.lines(path, LINES // 2, 500, ended=True)),
        ("log_search", lambda: warm.holding(path, f"LINE {LINES - 1} ", 200)),
    ]
    for name, look in asked:
        ours: list[float] = []
        cpu: list[float] = []
        theirs: list[float] = []
        for _ in range(10):
            began = time.perf_counter()
            subprocess.run(["wc", "-l", str(path)], stdout=subprocess.DEVNULL, check=True)
            theirs.append(time.perf_counter() - began)
            began, busy = time.perf_counter(), time.process_time()
            look()
            ours.append(time.perf_counter() - began)
            cpu.append(time.process_time() - busy)
        median, baseline = statistics.median(ours) * 1000, statistics.median(theirs) * 1000
        cpu_ms = round(statistics.median(cpu) * 1000, 1)
        row(name, median, "ms", baseline, f"under {LOG_MS} ms", median < LOG_MS, cpu_ms=cpu_ms)
