"""Claims with who uses them; volumes, snapshots, classes and orphans of a cluster."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

from domain.core.documents import Node
from domain.inventory.model import ObjectRow
from domain.inventory.storage import fate_of, orphans_of, users_of
from workers.client.ports.fleets import Fleets, ObjectFilter
from workers.client.ports.pages import Page, PageOf
from workers.client.ports.topology import ClaimRow, OrphanRow, Storage
from workers.client.topology.reading import Rows, heard, rows_of

MOST_PODS, MOST_VOLUMES, MOST_PLACES = 1_000, 1_000, 20
"""Pods of a namespace or a cluster that are looked at; volumes of a cluster; namespaces of a page of claims."""
MOST_SHOWN, MOST_ORPHANS = 200, 100


async def claims(fleets: Fleets, which: ObjectFilter, page: PageOf) -> Page[ClaimRow]:
    """A page of claims, with the pods and volumes of their namespaces and clusters."""
    found = await fleets.objects(which, page)
    places = sorted({(row.cluster, row.namespace) for row in found.items})
    pods = {place: await _pods(fleets, *place) for place in places[:MOST_PLACES]}
    users = users_of(pod for rows in pods.values() for pod in rows.items)
    near = sorted({row.cluster for row in found.items})[:MOST_PLACES]
    volumes = [row for name in near for row in (await _of(fleets, "PersistentVolume", name)).items]
    classes = [row for name in near for row in (await _of(fleets, "StorageClass", name)).items]
    by_name = {(row.cluster, row.name): row for row in volumes}
    expands = {(row.cluster, row.name) for row in classes if Node(row.details)["expands"]}
    rows = []
    for row in found.items:
        said = Node(row.details)
        volume = by_name.get((row.cluster, said["volume"].text()))
        read = pods.get((row.cluster, row.namespace))
        rows.append(
            ClaimRow(
                row=row,
                users=users.get((row.cluster, row.namespace, row.name), ()),
                users_known=read is not None and not read.unread,
                fate=fate_of(volume) if volume else "",
                loses=volume is not None and Node(volume.details)["reclaim"].text() in ("Delete", "Recycle"),
                can_expand=(row.cluster, said["storage_class"].text()) in expands,
            )
        )
    return Page(tuple(rows), next=found.next, as_of=found.as_of)


async def _pods(fleets: Fleets, cluster: str, namespace: str) -> Rows:
    return await rows_of(fleets, ObjectFilter(kind="Pod", cluster=cluster, namespace=namespace), MOST_PODS)


async def _of(fleets: Fleets, kind: str, cluster: str) -> Rows:
    return await rows_of(fleets, ObjectFilter(kind=kind, cluster=cluster), MOST_VOLUMES)


async def storage(fleets: Fleets, cluster: str, now: float) -> Storage:
    """See `Topologies.storage`."""
    at, fresh = await heard(fleets, cluster, now)
    kinds = ("PersistentVolume", "PersistentVolumeClaim", "Pod", "VolumeSnapshot", "StorageClass")
    read = await asyncio.gather(*(_of(fleets, kind, cluster) for kind in kinds))
    volumes, found, pods, snapshots, classes = read
    known = not (volumes.unread or found.unread or pods.unread)
    orphans = orphans_of(found.items, volumes.items, pods.items) if known else []
    told = [_orphan(one.kind, one.name, one.why, one.size_gb) for one in orphans]
    return Storage(
        cluster=cluster,
        volumes=tuple(sorted(volumes.items, key=lambda row: (row.status == "Bound", row.name)))[:MOST_SHOWN],
        snapshots=snapshots.items[:MOST_SHOWN],
        classes=classes.items[:MOST_SHOWN],
        orphans=tuple(told if known else _released(volumes.items))[:MOST_ORPHANS],
        orphans_known=known,
        freshness=fresh,
        heard_at=at,
    )


def _orphan(kind: str, name: str, why: str, size_gb: float) -> OrphanRow:
    namespace, slash, rest = name.partition("/")
    inside = kind == "PersistentVolumeClaim" and bool(slash)
    return OrphanRow(
        kind=kind, namespace=namespace if inside else "", name=rest if inside else name, why=why, size_gb=size_gb
    )


def _released(volumes: Sequence[ObjectRow]) -> Iterable[OrphanRow]:
    """What volumes say of themselves."""
    for row in volumes:
        if row.status in ("Released", "Failed"):
            size = Node(row.details)["capacity_mb"].whole() / 1024
            yield _orphan("PersistentVolume", row.name, row.reason or "its claim is gone", size)
