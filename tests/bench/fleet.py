"""The fleet at the size of a large one: each question and page beside bare SQL, with the real decision, and writes."""

from __future__ import annotations

import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from litestar import Litestar
from litestar.testing import AsyncTestClient
from sqlalchemy import text

from activities.access.grant_store import GRANTS
from activities.storage.changes import ChangeReader
from activities.storage.database import Values
from domain.access.principal import Caller, Principal, PrincipalKind
from domain.access.role import Role
from domain.inventory.model import ObjectRow, WatchRow
from tests.bench.rows import row
from tests.support import seeded_fleet
from tests.support.postgres import Postgres, installed
from tests.support.seeded_fleet import Size, cluster_of
from tests.workers.console.site import Everybody, NoChanges
from workers.api.app import create_app
from workers.api.parts import Parts
from workers.client.on_engine.parts import EngineParts
from workers.client.ports.fleets import Fleets, ObjectFilter
from workers.client.ports.pages import PageOf
from workers.client.wiring import Clients, clients_of
from workers.console.pages import routes
from workers.core import heap
from workers.core.records import Records
from workers.core.settings import Settings
from workers.worker.local_wiring import open_objects

TIMES = 40
GOAL_MS, LANDING_MS, LANDING_KB, VISIBLE_MS = 1_000, 200, 150, 2_000
GRANTS_MOST = 1.1
SIZE = Size()
ALL, FEW = (Principal(kind=PrincipalKind.PERSON, name=name) for name in ("all", "few"))
CHANGED, AT_ONCE = 2_000, 200
"""Rows of the writes, and of each."""
OBJECTS = "select * from inventory_objects where"
BY_PLACE = "order by cluster, namespace, name limit 51"
Ask = Callable[[Fleets], Awaitable[object]]


@dataclass(frozen=True)
class Question:
    """What is asked, and the same in bare SQL, without rights."""

    ask: Ask
    query: str
    goal_ms: int = GOAL_MS


def _objects(query: str, **which: str) -> Question:
    wanted = ObjectFilter(**which)
    return Question(lambda of: of.objects(wanted, PageOf()), f"{OBJECTS} {query} {BY_PLACE}")


QUESTIONS = {
    "overview": Question(
        lambda of: of.overview(),
        "select cluster, kind, health, count(*) from inventory_objects group by 1, 2, 3",
        LANDING_MS,
    ),
    "clusters": Question(lambda of: of.clusters("", "", PageOf()), "select * from inventory_watches"),
    "namespaces": _objects("kind = 'Namespace'", kind="Namespace"),
    "pods": _objects("kind = 'Pod'"),
    "pods_bad": _objects("kind = 'Pod' and health > 2", health="bad"),
    "pods_by_text": _objects("kind = 'Pod' and name like '%nowhere%'", text="nowhere"),
    "placements_by_text": _objects("kind = 'Deployment' and name like '%nowhere%'", kind="Workload", text="nowhere"),
    "counts_by_environment": Question(
        lambda of: of.counts(ObjectFilter(kind="Workload", environment="staging")),
        "select health, status, count(*) from inventory_objects where kind = 'Deployment' and environment = 'staging'"
        " group by health, status",
    ),
    "services": Question(
        lambda of: of.services("", "", PageOf()),
        "select service, max(health) from inventory_objects where service <> '' group by service order by service limit 51",
    ),
    "services_bad": Question(
        lambda of: of.services("", "bad", PageOf()),
        "select service from inventory_objects where service <> '' and health > 2 group by service order by service limit 51",
    ),
    "events": Question(
        lambda of: of.events("", "", True, PageOf()),
        "select * from inventory_events where ended_at = 0 order by last_at desc limit 51",
    ),
    "search": Question(lambda of: of.search("service-0007"), f"{OBJECTS} name like 'service-0007%' limit 50"),
    "search_nothing": Question(lambda of: of.search("nowhere"), f"{OBJECTS} name like '%nowhere%' limit 50"),
}
PAGES = {"page": "/fleet", "page_clusters": "/clusters", "page_services": "/services", "page_pods": "/objects?kind=Pod"}
OF_FEW = ("overview", "pods", "services", "search_nothing")
NAMES = [
    *(f"fleet_{name}" for name in (*QUESTIONS, *PAGES)),
    *(f"fleet_{name}_of_few" for name in OF_FEW),
    *(
        "fleet_page_kb",
        "fleet_grants_of_ones_own",
        "fleet_silent",
        "fleet_writes",
        "fleet_visible",
        "fleet_counts_differ",
    ),
]
ON_POSTGRES = [f"{name}_postgres" for name in NAMES]


async def measured(folder: Path, size: Size = SIZE) -> None:
    """On SQLite."""
    folder.mkdir(parents=True, exist_ok=True)
    records = Records.at(folder / "records.db")
    seeded_fleet.fill(records, size, time.time())
    try:
        await asked(records, folder, size)
    finally:
        records.close()


async def on_postgres(folder: Path, size: Size = SIZE) -> None:
    """The same with PostgreSQL as the store."""
    folder.mkdir(parents=True, exist_ok=True)
    server = Postgres(installed())
    server.start()
    try:
        records = Records.at(server.database())
        seeded_fleet.fill(records, size, time.time())
        await asked(records, folder, size, "_postgres")
        records.close()
    finally:
        server.stop()


async def asked(records: Records, folder: Path, size: Size, of: str = "") -> None:
    """Of a filled home. Its clusters are heard of for an hour."""
    for number in range(size.clusters):
        name, now = cluster_of(number), time.time() + 3_600
        records.inventory.heard(WatchRow(cluster=name, heard_at=now, synced_at=now, version="v1.33.2"))
    grant(records, [("person:all", "project:default")])
    grant(records, [("person:few", f"cluster:{cluster_of(number)}") for number in range(0, size.clusters, 10)])
    settings = Settings(folder, folder / "tools")
    clients = clients_of(EngineParts(settings, records.database, lambda: open_objects(settings), opened=records))
    heap.settle()  # as the server
    for name, one in QUESTIONS.items():
        await _row(f"fleet_{name}{of}", records, clients.of(_caller(ALL)).fleets, one)
    for name in OF_FEW:
        await _row(f"fleet_{name}_of_few{of}", records, clients.of(_caller(FEW)).fleets, QUESTIONS[name])
    await _pages(clients, of)
    await _grants(records, clients, of)
    _writes(records, size, of)
    await _silent(records, clients, of, size)


def _caller(who: Principal) -> Caller:
    return Caller(principal=who, channel="api")


def grant(records: Records, granted: list[tuple[str, str]]) -> None:
    """Viewers: principals, and on what."""
    told: Values = {"kind": "role", "role": str(Role.VIEWER), "given_by": "", "at": 1, "until": 0, "revoked_at": 0}
    rows: list[Values] = [{**told, "revoked_by": "", "principal": who, "resource": what} for who, what in granted]
    records.database.execute(GRANTS.insert(), rows)


async def _row(name: str, records: Records, fleets: Fleets, one: Question) -> None:
    theirs: list[float] = []
    with records.database.read() as bare:
        for _ in range(TIMES):
            began = time.perf_counter()
            bare.execute(text(one.query)).fetchall()
            theirs.append(time.perf_counter() - began)
    await _timed(name, lambda: one.ask(fleets), one.goal_ms, _p95(theirs))


async def _timed(name: str, ask: Callable[[], Awaitable[object]], goal_ms: int, beside: float | None) -> None:
    await ask()
    ours: list[float] = []
    busy: list[float] = []
    for _ in range(TIMES):
        began, cpu = time.perf_counter(), time.process_time()
        await ask()
        ours.append(time.perf_counter() - began)
        busy.append(time.process_time() - cpu)
    worst, cpu_ms = _p95(ours), round(statistics.median(busy) * 1000, 1)
    row(name, worst, "ms p95", beside, f"under {goal_ms} ms", worst < goal_ms, cpu_ms=cpu_ms)


def _p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1] * 1000


@asynccontextmanager
async def _browser(clients: Clients) -> AsyncIterator[AsyncTestClient[Litestar]]:
    of = Parts(
        clients=clients.client,
        guards=clients.guard,
        authenticator=Everybody(ALL),
        changes=NoChanges(),
        origin="http://sluiceway.localhost",
    )
    async with AsyncTestClient(create_app(of, routes())) as browser:
        yield browser


async def _pages(clients: Clients, of: str) -> None:
    async with _browser(clients) as browser:
        for name, path in PAGES.items():
            answer = await browser.get(path)
            assert answer.status_code == 200, answer.text[:300]
            goal = LANDING_MS if name == "page" else GOAL_MS
            await _timed(f"fleet_{name}{of}", partial(browser.get, path), goal, None)
        size_kb = len((await browser.get("/fleet")).content) / 1000
        row(f"fleet_page_kb{of}", size_kb, "KB", None, f"under {LANDING_KB} KB", size_kb < LANDING_KB)


async def _grants(records: Records, clients: Clients, of: str) -> None:
    """10,000 grants of one's own cost an answer little."""

    async def cpu_ms() -> float:
        spent: list[float] = []
        for _ in range(2 * TIMES):
            began = time.process_time()
            await clients.of(_caller(ALL)).fleets.objects(ObjectFilter(), PageOf())
            spent.append(time.process_time() - began)
        return statistics.median(spent) * 1000

    before = await cpu_ms()
    grant(records, [("person:all", f"pipeline:service-{number:05}") for number in range(10_000)])
    after = await cpu_ms()
    goal = f"10,000 grants: at most {GRANTS_MOST} times"
    row(f"fleet_grants_of_ones_own{of}", after, "ms CPU", before, goal, after < before * GRANTS_MOST)


def _writes(records: Records, size: Size, of: str) -> None:
    """Rows a second in batches, as the watch writes them; counts are exact afterwards, and who looks is told."""
    cluster = cluster_of(0)
    pods = [
        ObjectRow(cluster=cluster, kind="Pod", namespace=f"team-{at % 100:03}", name=f"new-{at}", status="Running")
        for at in range(CHANGED)
    ]
    began = time.perf_counter()
    for start in range(0, CHANGED, AT_ONCE):
        records.inventory.apply(cluster, pods[start : start + AT_ONCE])
    rate = CHANGED / (time.perf_counter() - began)
    row(f"fleet_writes{of}", rate, "rows a second", None, "over 1,000", rate > 1_000)
    seen, took = ChangeReader(records.database), list[float]()
    for pod in pods[:TIMES]:
        last, began = seen.ends()[1], time.perf_counter()
        records.inventory.apply(cluster, [replace(pod, status="Failed")])
        assert seen.after(last, 10)
        took.append(time.perf_counter() - began)
    visible = _p95(took)
    row(f"fleet_visible{of}", visible, "ms p95", None, f"under {VISIBLE_MS} ms", visible < VISIBLE_MS)
    wrong = len(seeded_fleet.differing(records))
    row(f"fleet_counts_differ{of}", wrong, "tables", None, "none", wrong == 0)


async def _silent(records: Records, clients: Clients, of: str, size: Size) -> None:
    """The overview while no cluster is heard of."""
    records.database.execute(text("update inventory_watches set heard_at = 1"))
    fleets = clients.of(_caller(ALL)).fleets
    await _timed(f"fleet_silent{of}", fleets.overview, GOAL_MS, None)
