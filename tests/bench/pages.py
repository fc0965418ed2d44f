"""Pages of the console at the size of a large installation, with the real decision, beside their query in bare SQL."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from litestar import Litestar
from litestar.testing import AsyncTestClient
from sqlalchemy import Connection, text

from activities.access.grant_store import GRANTS
from activities.storage.database import Values
from domain.access.principal import Principal, PrincipalKind
from domain.access.role import Role
from tests.bench.rows import row
from tests.support import seeded_home
from tests.support.postgres import Postgres, installed
from tests.workers.console.site import Everybody, NoChanges
from workers.api.app import create_app
from workers.api.parts import Parts
from workers.api.routes import api
from workers.client.on_engine.parts import EngineParts
from workers.client.wiring import clients_of
from workers.console.pages import routes
from workers.core.records import Records
from workers.core.settings import Settings
from workers.worker.known_findings import open_findings
from workers.worker.local_wiring import open_objects

TIMES = 20
GOAL_MS, LANDING_MS, LANDING_KB = 1_000, 200, 150
ANN = Principal(kind=PrincipalKind.PERSON, name="ann")
NEWEST = "order by started_at desc, id desc limit 51"
LIVE = "select * from live_versions where environment = 'env-07' order by since desc limit 20"
UNDER_WAY = "service-09999/env-49/2000"
"""The last release of the seeded home, with the ticks of half an hour."""
TICK = {
    "percent": 20,
    "canary": {"errors": [1, 50]},
    "stable": {"errors": [1, 200]},
    "evidence": {"errors": [1.5, 6.9]},
}
PAGES = {
    "page_landing": ("/", f"select * from pipeline_runs {NEWEST}"),
    "page_runs": ("/runs", f"select * from pipeline_runs {NEWEST}"),
    "page_runs_failed": ("/runs?status=failed", f"select * from pipeline_runs where status = 'failed' {NEWEST}"),
    "page_run": ("/runs/service-00077/1", "select * from jobs where run = 'run/service-00077/1'"),
    "page_pipelines": ("/pipelines", "select * from pipelines order by name limit 51"),
    "page_releases": ("/releases", f"select * from releases {NEWEST}"),
    "page_environments": ("/environments", "select environment, count(*) from live_versions group by environment"),
    "page_environment": ("/environments/env-07", LIVE),
    "page_findings": ("/findings", "select distinct pipeline from branch_scans limit 51"),
    "page_release": (f"/releases/{UNDER_WAY}", f"select * from releases where id = 'release/{UNDER_WAY}'"),
    "page_access": ("/access", "select * from grants where principal = 'person:ann' order by id limit 201"),
    "page_search": ("/runs?text=nowhere", f"select * from pipeline_runs where message like '%nowhere%' {NEWEST}"),
}
NAMES = [*PAGES, "page_landing_kb", "grants_of_others", "grants_of_ones_own"]
ON_POSTGRES = [f"{name}_postgres" for name in PAGES]


async def measured(folder: Path, size: seeded_home.Size | None = None) -> None:
    """Fills a home, and opens each page as a viewer of everything."""
    folder.mkdir(parents=True, exist_ok=True)
    records = seeded_home.at(folder, size or seeded_home.Size())
    try:
        async with _browser(records, folder) as browser:
            await opened(browser, records)
            await _grants(browser, records)
    finally:
        records.close()


async def on_postgres(folder: Path, size: seeded_home.Size | None = None) -> None:
    """The same pages, with PostgreSQL as the store."""
    folder.mkdir(parents=True, exist_ok=True)
    server = Postgres(installed())
    server.start()
    try:
        records = Records.at(server.database())
        seeded_home.fill(records, size or seeded_home.Size())
        async with _browser(records, folder) as browser:
            await opened(browser, records, "_postgres")
        records.close()
    finally:
        server.stop()


@asynccontextmanager
async def _browser(records: Records, folder: Path) -> AsyncIterator[AsyncTestClient[Litestar]]:
    _grant(records, [("person:ann", "project:default")])
    ticks = folder / "releases" / f"{UNDER_WAY}.jsonl"
    ticks.parent.mkdir(parents=True)
    ticks.write_text("".join(json.dumps({"at": seeded_home.NOW + n, "tick": n, **TICK}) + "\n" for n in range(1_800)))
    settings = Settings(folder, folder / "tools")
    parts = EngineParts(
        settings,
        records.database,
        lambda: open_objects(settings),
        lambda of: open_findings(settings, of),
        opened=records,
    )
    clients = clients_of(parts)
    of = Parts(
        clients=clients.client,
        guards=clients.guard,
        authenticator=Everybody(ANN),
        changes=NoChanges(),
        origin="http://sluiceway.localhost",
    )
    async with AsyncTestClient(create_app(of, [*routes(), api()])) as browser:
        yield browser


async def opened(browser: AsyncTestClient[Litestar], records: Records, of: str = "") -> None:
    """Opens each page of a filled home."""
    with records.database.read() as bare:
        for name, (path, query) in PAGES.items():
            goal = LANDING_MS if name == "page_landing" else GOAL_MS
            began = time.process_time()
            ours, theirs = await _asked(browser, path, partial(_all_of, bare, query))
            cpu_ms = round((time.process_time() - began) / TIMES * 1000, 1)
            row(f"{name}{of}", ours, "ms p95", theirs, f"under {goal} ms", ours < goal, cpu_ms=cpu_ms)


def _all_of(bare: Connection, query: str) -> object:
    return bare.execute(text(query)).fetchall()


async def _grants(browser: AsyncTestClient[Litestar], records: Records) -> None:
    size_kb = len((await browser.get("/")).content) / 1000
    row("page_landing_kb", size_kb, "KB", None, f"under {LANDING_KB} KB", size_kb < LANDING_KB)
    before = await _cpu_ms(browser, "/runs")
    _grant(records, [(f"person:p{number % 500}", f"pipeline:service-{number:05}") for number in range(10_000)])
    after = await _cpu_ms(browser, "/runs")
    row("grants_of_others", after, "ms CPU", before, "10,000 grants: at most 1.1 times", after < before * 1.1)
    _grant(records, [("person:ann", f"pipeline:service-{number:05}") for number in range(10_000)])
    own = await _cpu_ms(browser, "/runs")
    row("grants_of_ones_own", own, "ms CPU", before, "10,000 more: at most 1.1 times", own < before * 1.1)


async def _cpu_ms(browser: AsyncTestClient[Litestar], path: str) -> float:
    """Median of the processor's time of a page: what others do on the machine is not in it."""
    spent: list[float] = []
    for _ in range(2 * TIMES):
        began = time.process_time()
        assert (await browser.get(path)).status_code == 200
        spent.append(time.process_time() - began)
    return statistics.median(spent) * 1000


def _grant(records: Records, granted: list[tuple[str, str]]) -> None:
    told: Values = {"kind": "role", "role": str(Role.VIEWER), "given_by": "", "at": 1, "until": 0, "revoked_at": 0}
    rows: list[Values] = [{**told, "revoked_by": "", "principal": who, "resource": what} for who, what in granted]
    records.database.execute(GRANTS.insert(), rows)


def _p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


async def _asked(
    browser: AsyncTestClient[Litestar],
    path: str,
    query: Callable[[], object],
) -> tuple[float, float]:
    """Milliseconds of ours, and of the query; the first request of a process compiles the template, so it is not counted."""
    await browser.get(path)
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(TIMES):
        began = time.perf_counter()
        query()
        theirs.append(time.perf_counter() - began)
        began = time.perf_counter()
        answer = await browser.get(path)
        ours.append(time.perf_counter() - began)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text[:300]}"
    return _p95(ours) * 1000, _p95(theirs) * 1000
