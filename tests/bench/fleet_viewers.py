"""200 people who look at the fleet's page: how long after a change in a cluster the last of them has the new page.

As tests/bench/viewers.py, with the seeded fleet of tests/bench/fleet.py, the real decision, and the page itself: each viewer
asks for it when it hears of a change, as a browser does.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from domain.access.principal import Caller, Principal, PrincipalKind
from domain.inventory.model import ObjectRow, WatchRow
from tests.bench.fleet import SIZE, grant
from tests.bench.processors import seconds_of
from tests.bench.rows import row
from tests.bench.viewers import PEOPLE, PROCESSES, said, serving, viewing
from tests.support import seeded_fleet
from tests.support.seeded_fleet import Size, cluster_of
from workers.api.events import stream
from workers.client.on_engine.parts import EngineParts
from workers.client.wiring import clients_of
from workers.console.pages import routes
from workers.core import heap
from workers.core.records import Records
from workers.core.settings import Settings
from workers.worker.local_wiring import open_objects

CHANGES, GOAL_MS = 20, 2_000
NAMES = ["fleet_viewers_200", "fleet_viewers_200_cpu"]


class ByHeader:
    """A person is who a request says: logins are measured elsewhere."""

    async def caller(self, connection: Any) -> Caller:
        who = Principal(kind=PrincipalKind.PERSON, name=connection.headers["x-who"])
        return Caller(principal=who, channel="console")


async def measured(folder: Path, size: Size = SIZE) -> None:
    """Changes a pod 20 times, and waits each time until all have the page."""
    folder.mkdir(parents=True, exist_ok=True)
    records = Records.at(folder / "records.db")
    seeded_fleet.fill(records, size, time.time())
    for number in range(size.clusters):
        now = time.time() + 3_600
        records.inventory.heard(WatchRow(cluster=cluster_of(number), heard_at=now, synced_at=now, version="v1.33.2"))
    grant(records, [(f"person:p{number}", "project:default") for number in range(PEOPLE)])
    settings = Settings(folder, folder / "tools")
    clients = clients_of(EngineParts(settings, records.database, lambda: open_objects(settings), opened=records))
    parts: dict[str, Any] = {"clients": clients.client, "guards": clients.guard, "authenticator": ByHeader()}
    pod = ObjectRow(cluster=cluster_of(0), kind="Pod", namespace="team-000", name="new", status="Running")
    took: list[float] = []
    heap.settle()  # as the server
    with serving(records, [stream, *routes()], **parts) as entrance:
        viewers = [await viewing(entrance, number, "fleet", "/fleet") for number in range(PROCESSES)]
        began, theirs = time.process_time(), sum(seconds_of(one.pid) for one in viewers)
        for number in range(CHANGES):
            at = time.monotonic()
            await asyncio.to_thread(records.inventory.apply, pod.cluster, [replace(pod, status=f"Waits{number}")])
            took.append((max([float(await said(one)) for one in viewers]) - at) * 1000)
        cpu_ms = (time.process_time() - began) / CHANGES * 1000
        their_ms = (sum(seconds_of(one.pid) for one in viewers) - theirs) / CHANGES * 1000
        for one in viewers:
            one.kill()
            await one.wait()
    records.close()
    last, median = statistics.quantiles(took, n=20)[-1], statistics.median(took)
    what, goal = "ms p95 until the last of 200 has the page", f"under {GOAL_MS} ms"
    row("fleet_viewers_200", last, what, None, goal, last < GOAL_MS, median=median, slowest=max(took))
    what, goal = "ms CPU of the server a change, for 200 pages", f"under {GOAL_MS} ms"
    row("fleet_viewers_200_cpu", cpu_ms, what, None, goal, cpu_ms < GOAL_MS, of_viewers=their_ms)
