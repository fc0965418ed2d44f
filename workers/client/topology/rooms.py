"""Quotas with what is used and reserved, limits, autoscalers; and whether something fits."""

from __future__ import annotations

from dataclasses import replace

from domain.inventory.model import PLACED, ObjectRow
from domain.inventory.room import Asked, QuotaRoom, bounds_of, fits, free_of, missing_of, quotas_of
from workers.client.ports.fleets import Fleets, ObjectFilter
from workers.client.ports.topology import Fitting, Rooms
from workers.client.topology.priorities import priorities
from workers.client.topology.reading import heard, rows_of

MOST_QUOTAS, MOST_LIMITS, MOST_SHOWN, MOST_PODS = 500, 500, 200, 5_000
MOST_LACKING = 30
"""Workloads with missing pods whose pods are counted one by one; of others each that is not ready counts."""


async def rooms(fleets: Fleets, cluster: str, namespace: str, now: float) -> Rooms:
    """See `Topologies.rooms`."""
    at, fresh = await heard(fleets, cluster, now)
    if namespace:
        await fleets.namespace(cluster, namespace)
    which = ObjectFilter(kind="ResourceQuota", cluster=cluster, namespace=namespace)
    quotas = await rows_of(fleets, which, MOST_QUOTAS)
    missing = await _missing(fleets, cluster, namespace)
    found = [room for row in quotas.items for room in quotas_of([row], missing.get(row.namespace))]
    limits = await rows_of(fleets, replace(which, kind="LimitRange"), MOST_LIMITS)
    scalers = await rows_of(fleets, replace(which, kind="HorizontalPodAutoscaler"), MOST_SHOWN)
    return Rooms(
        cluster=cluster,
        namespace=namespace,
        quotas=tuple(sorted(found, key=_fullest))[:MOST_QUOTAS],
        more=quotas.unread,
        limits=tuple((row.namespace, one) for row in limits.items for one in bounds_of([row]))[:MOST_LIMITS],
        autoscalers=tuple(sorted(scalers.items, key=lambda row: (-row.health.rank, row.namespace, row.name))),
        priorities=await priorities(fleets, cluster, namespace),
        freshness=fresh,
        heard_at=at,
    )


def _fullest(one: QuotaRoom) -> tuple[int, str, str, str]:
    return -one.percent, one.namespace, one.quota, one.resource


async def _missing(fleets: Fleets, cluster: str, namespace: str) -> dict[str, dict[str, float]]:
    """By namespace, what replicas would take that are not made yet."""
    lacking: list[ObjectRow] = []
    for health in ("degraded", "progressing", "unknown"):
        which = ObjectFilter(kind="Workload", cluster=cluster, namespace=namespace, health=health)
        found = (await rows_of(fleets, which, MOST_SHOWN)).items
        lacking += [row for row in found if row.kind in PLACED and row.wanted > row.ready]
    made = {}
    for row in lacking[:MOST_LACKING]:
        pods = ObjectFilter(kind="Pod", cluster=cluster, namespace=row.namespace, owner=f"{row.kind}/{row.name}")
        made[row.key] = (await fleets.counts(pods)).total
    by: dict[str, list[ObjectRow]] = {}
    for row in lacking:
        left = replace(row, wanted=max(row.wanted - made.get(row.key, row.ready), 0))
        by.setdefault(row.namespace, []).append(left)
    return {space: missing_of(rows, ()) for space, rows in by.items()}


async def fitting(fleets: Fleets, cluster: str, namespace: str, asked: Asked, now: float) -> Fitting:
    """See `Topologies.fits`."""
    await heard(fleets, cluster, now)
    await fleets.namespace(cluster, namespace)
    which = ObjectFilter(kind="ResourceQuota", cluster=cluster, namespace=namespace)
    quotas = (await rows_of(fleets, which, MOST_QUOTAS)).items
    missing = await _missing(fleets, cluster, namespace) if quotas else {}
    found = quotas_of(quotas, missing.get(namespace))
    limits = bounds_of((await rows_of(fleets, replace(which, kind="LimitRange"), MOST_LIMITS)).items)
    free = None
    if asked.pods:
        nodes = await rows_of(fleets, ObjectFilter(kind="Node", cluster=cluster), MOST_QUOTAS)
        pods = await rows_of(fleets, ObjectFilter(kind="Pod", cluster=cluster), MOST_PODS)
        free = None if nodes.unread or pods.unread else free_of(nodes.items, pods.items)
    return Fitting(asked=asked, fit=fits(asked, found, limits, free), quotas=found, limits=limits)
