"""A home that knows a large fleet: 10,000 services in 50 clusters, 500,000 placements and 100,000 pods.

Objects are written by their columns, and what is counted of them by SQL: the stores write a batch at a time.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from activities.inventory.rows import values_of
from activities.inventory.tables import OBJECTS
from domain.inventory.model import PLACED, EventRow, Health, ObjectRow, WatchRow
from workers.core.records import Records

AT_ONCE = 5_000
BAD = 0.01
"""Share of placements and pods that are not healthy."""
ENVIRONMENTS = ("production", "staging", "development")
POD = {
    "phase": "Running",
    "containers": [{"name": "app", "image": "registry.example/app:1.2.3", "state": "running", "ready": True}],
    "labels": {"app.kubernetes.io/name": "app", "tier": "front"},
    "conditions": [{"type": "Ready", "status": "True", "since": 1_800_000_000.0}],
}
WORKLOAD = {"updated": 1, "available": 1, "images": ["registry.example/app:1.2.3"], "labels": {"tier": "front"}}


@dataclass(frozen=True)
class Size:
    """Of a fleet."""

    clusters: int = 50
    services: int = 10_000
    """Each is in every cluster."""
    pods: int = 2_000
    """Of a cluster."""
    nodes: int = 20
    namespaces: int = 100


def cluster_of(number: int) -> str:
    """Its name."""
    return f"cluster-{number:03}"


def fill(records: Records, size: Size, now: float) -> None:
    """Writes everything; the same of one size each time. `now`: when each cluster was last heard of."""
    dice = random.Random(7)
    for number in range(size.clusters):
        name = cluster_of(number)
        _write(records, _objects(size, name, number, dice))
        records.inventory.heard(WatchRow(cluster=name, heard_at=now, synced_at=now, version="v1.33.2"))
        records.inventory.warn(name, [_event(name, at, now) for at in range(40)])
    with records.database.write() as connection:
        _count(connection)
    with records.database.write() as connection:
        connection.exec_driver_sql("analyze")


def _objects(size: Size, cluster: str, number: int, dice: random.Random) -> Iterator[ObjectRow]:
    environment = ENVIRONMENTS[number % 3]
    for at in range(size.nodes):
        yield ObjectRow(cluster=cluster, kind="Node", name=f"{cluster}-node-{at}", status="Ready", cpu_m=32_000)
    for at in range(size.namespaces):
        yield ObjectRow(
            cluster=cluster, kind="Namespace", name=f"team-{at:03}", status="Active", environment=environment
        )
        yield ObjectRow(cluster=cluster, kind="ResourceQuota", namespace=f"team-{at:03}", name="tenant", wanted=at)
    for at in range(size.services):
        bad = dice.random() < BAD
        yield ObjectRow(
            cluster=cluster,
            kind="Deployment",
            namespace=f"team-{at % size.namespaces:03}",
            name=f"service-{at:05}",
            health=Health.DEGRADED if bad else Health.HEALTHY,
            status="0/1" if bad else "1/1",
            reason="its image cannot be pulled" if bad else "",
            since=1_800_000_000.0 - at,
            service=f"service-{at:05}",
            environment=environment,
            version=f"1.{at % 7}.{number % 2}",
            wanted=1,
            ready=0 if bad else 1,
            details=WORKLOAD,
        )
    for at in range(size.pods):
        yield _pod(size, cluster, environment, at, dice.random() < BAD)


def _pod(size: Size, cluster: str, environment: str, at: int, bad: bool) -> ObjectRow:
    return ObjectRow(
        cluster=cluster,
        kind="Pod",
        namespace=f"team-{at % size.namespaces:03}",
        name=f"service-{at:05}-7d9f8c6b5-{at:05}",
        uid=f"{cluster}-{at}",
        health=Health.DEGRADED if bad else Health.HEALTHY,
        status="CrashLoopBackOff" if bad else "Running",
        reason="app crashes" if bad else "",
        since=1_800_000_000.0 - at,
        node=f"{cluster}-node-{at % size.nodes}",
        owner=f"Deployment/service-{at:05}",
        service=f"service-{at:05}",
        environment=environment,
        version="1.2.3",
        cpu_m=100,
        memory_mb=128,
        details=POD,
    )


def _event(cluster: str, at: int, now: float) -> EventRow:
    return EventRow(
        cluster=cluster, uid=f"{cluster}-{at}", namespace="team-001", kind="Pod", reason="BackOff", last_at=now - at * 60,
        ended_at=0 if at % 4 == 0 else now,
    )  # fmt: skip


def _write(records: Records, objects: Iterator[ObjectRow]) -> None:
    part: list[dict[str, Any]] = []
    known = {id(one): json.dumps(one, separators=(",", ":")) for one in (POD, WORKLOAD)}

    def flush() -> None:
        with records.database.write() as connection:
            connection.execute(OBJECTS.insert(), part)
        part.clear()

    for row in objects:
        values = values_of(row)
        part.append(values | {"details": known.get(id(row.details), values["details"])})
        if len(part) == AT_ONCE:
            flush()
    if part:
        flush()


SUMS = "count(*), sum(cpu_m), sum(memory_mb)"
PLACEMENTS = "kind in ({}) and service <> ''".format(", ".join(map("'{}'".format, PLACED)))
COUNTED = (
    ("inventory_counts", f"select cluster, kind, namespace, status, health, {SUMS} from inventory_objects"
     " group by cluster, kind, namespace, status, health"),
    ("inventory_totals", f"select cluster, kind, status, health, {SUMS} from inventory_objects"
     " group by cluster, kind, status, health"),
    ("inventory_services", "select cluster, service, environment, count(*), sum(case when health >= 3 then 1 else 0 end),"
     f" max(health), count(distinct version) from inventory_objects where {PLACEMENTS}"
     " group by cluster, service, environment"),
    ("inventory_names", "select service, count(*) from inventory_services group by service"),
    ("inventory_versions", f"select cluster, environment, version, count(*) from inventory_objects where {PLACEMENTS}"
     " group by cluster, environment, version"),
    ("inventory_environments", "select s.cluster, s.environment, count(*), sum(case when bad > 0 then 1 else 0 end),"
     " sum(case when versions > 1 then 1 else 0 end), (select count(*) from inventory_versions v"
     " where v.cluster = s.cluster and v.environment = s.environment) from inventory_services s"
     " group by s.cluster, s.environment"),
)  # fmt: skip
"""Each table of counts, and the query that it always equals; in the order in which they need each other."""


def _count(connection: Connection) -> None:
    for table, query in COUNTED:
        connection.execute(text(f"insert into {table} {query}"))


def differing(records: Records) -> list[str]:
    """Tables of counts that do not equal what is there."""
    found = []
    for table, query in COUNTED:
        both = (f"select * from {table}", query)
        for one, other in (both, both[::-1]):
            if records.database.rows(f"select 1 as one from ({one} except {other}) as differing limit 1"):
                found.append(table)
    return found
