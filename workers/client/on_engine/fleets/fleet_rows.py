"""Rows of the fleet, from counts and from what was last heard."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from domain.core.version import VERSION
from domain.inventory.dial_versions import Fits, fits
from domain.inventory.model import WORKLOADS, Freshness, Health, ObjectRow
from domain.inventory.rollup import (
    BAD,
    NOT_HEALTHY,
    KnownCluster,
    Placed,
    Tally,
    by_health,
    cause_of,
    now_of,
    standing,
)
from workers.client.ports.fleets import FleetCluster, FleetNamespace, FleetService, VersionCount

MOST_VERSIONS = 5
CLAIM, POLICY = "PersistentVolumeClaim", "NetworkPolicy"


def cluster_row(
    known: KnownCluster, tallies: Sequence[Tally], bad_since: float, now: float, first: ObjectRow | None = None
) -> FleetCluster:
    """`tallies`: of everything in it, without statuses. `bad_since`: of the oldest of what is wrong in it. `first`: of
    that, what to look at first."""
    heard = known.heard(now)
    live = heard.freshness is Freshness.LIVE
    how = standing(known.life, heard, tallies, bad_since)
    nodes = [one for one in tallies if one.kind == "Node"]
    pods = [one for one in tallies if one.kind == "Pod"]
    return FleetCluster(
        name=known.name,
        provider=known.provider,
        status=known.life.status,
        waits_for=known.life.waits_for,
        health=how.health,
        reason=how.reason,
        cause=cause_of(first) if first and live and how.reason.startswith(NOT_HEALTHY) else "",
        since=how.since,
        freshness=heard.freshness,
        heard_at=heard.heard_at,
        synced=heard.synced,
        version=known.watch.version,
        nodes=by_health(nodes, ["Node"], live=live),
        workloads=by_health(tallies, WORKLOADS, live=live),
        pods=by_health(pods, ["Pod"], live=live),
        namespaces=sum(one.number for one in tallies if one.kind == "Namespace"),
        cpu_m=sum(one.cpu_m for one in nodes),
        memory_mb=sum(one.memory_mb for one in nodes),
        asked_cpu_m=sum(one.cpu_m for one in pods),
        asked_memory_mb=sum(one.memory_mb for one in pods),
        drift=known.drift,
        guarded=known.guarded,
        dials_out=known.dials_out,
        dialled_at=known.watch.dialled_at,
        worker=known.watch.worker,
        worker_fits=fits(known.watch.worker, VERSION) if known.watch.dialled_at else Fits.SAME,
        dialled_may=known.watch.may,
    )


def namespace_row(
    row: ObjectRow, tallies: Sequence[Tally], quota: int, heard_at: float, fresh: Freshness
) -> FleetNamespace:
    """`tallies`: of everything in it. `quota`: percent of the fullest resource, -1: none."""
    live = fresh is Freshness.LIVE
    pods = Counter[str]()
    for one in tallies:
        if one.kind == "Pod" and one.number:
            pods[one.status] += one.number
    judged = [one for one in tallies if one.kind in (*WORKLOADS, "Pod", CLAIM) and one.number]
    worst = max([row.health, *(one.health for one in judged if one.health in BAD)], key=lambda one: one.rank)
    return FleetNamespace(
        cluster=row.cluster,
        name=row.name,
        health=worst if live else Health.UNKNOWN,
        status=row.status,
        environment=row.environment,
        workloads=by_health(tallies, WORKLOADS, live=live),
        pods=dict(pods),
        claims=sum(one.number for one in tallies if one.kind == CLAIM),
        policies=sum(one.number for one in tallies if one.kind == POLICY),
        quota=quota,
        freshness=fresh,
        heard_at=heard_at,
    )


def grouped(placed: Iterable[Placed]) -> dict[str, list[Placed]]:
    """By service."""
    found: dict[str, list[Placed]] = {}
    for one in placed:
        found.setdefault(one.service, []).append(one)
    return found


def service_row(name: str, placed: Iterable[Placed], clusters: int, worst: ObjectRow | None) -> FleetService:
    """`clusters`: in how many it is. `worst`: its worst placement as it is now; None: all are healthy."""
    parts = list(placed)
    versions = Counter[str]()
    for one in parts:
        versions[one.version] += one.number
    listed = sorted(versions.items(), key=lambda one: (-one[1], one[0]))[:MOST_VERSIONS]
    return FleetService(
        name=name,
        health=worst.health if worst else Health.HEALTHY,
        reason=worst.reason if worst else "",
        where=f"{worst.cluster}/{worst.namespace}/{worst.name}" if worst else "",
        since=worst.since if worst else 0,
        clusters=clusters,
        placements=sum(one.number for one in parts),
        bad=sum(one.bad for one in parts),
        versions=tuple(VersionCount(version=version, placements=count) for version, count in listed),
    )


def now_row(row: ObjectRow, fresh: Mapping[str, Freshness]) -> ObjectRow:
    """As it is now: unknown where its cluster is not heard of. `fresh`: by cluster."""
    live = fresh.get(row.cluster) is Freshness.LIVE
    health, reason = now_of(row.health, row.reason, live=live)
    return row if live else replace(row, health=health, reason=reason)
