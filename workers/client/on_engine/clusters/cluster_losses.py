"""What is gone with a cluster, as it was last heard of, by whoever may read it."""

from __future__ import annotations

from domain.clusters.add_ons import KEPT
from domain.core.documents import Node
from domain.inventory.model import ObjectRow
from workers.client.ports.clusters import MOST_LOST, Loss
from workers.client.ports.fleets import Fleets, ObjectFilter
from workers.client.ports.pages import PageOf

_PAGE = 200
_MOST_READ = 2_000


async def losses(fleets: Fleets, cluster: str) -> tuple[Loss, ...]:
    """Namespaces that people made, claims whose data goes with them, and workloads."""
    spaces = [one.name for one in await _all(fleets, "Namespace", cluster) if not _ours(one.name)]
    claims = await _all(fleets, "PersistentVolumeClaim", cluster)
    kept = {
        (Node(one.details)["claim_namespace"].text(), Node(one.details)["claim"].text())
        for one in await _all(fleets, "PersistentVolume", cluster)
        if Node(one.details)["reclaim"].text() == "Retain"
    }
    gone = [f"{one.namespace}/{one.name}" for one in claims if (one.namespace, one.name) not in kept]
    counted = await fleets.counts(ObjectFilter(kind="Workload", cluster=cluster))
    found = (
        Loss(kind="namespaces", number=len(spaces), names=tuple(spaces[:MOST_LOST])),
        Loss(kind="claims", number=len(gone), names=tuple(gone[:MOST_LOST]), why="their data is deleted"),
        Loss(kind="workloads", number=counted.total),
    )
    return tuple(one for one in found if one.number)


def _ours(namespace: str) -> bool:
    return namespace in KEPT


async def _all(fleets: Fleets, kind: str, cluster: str) -> list[ObjectRow]:
    """By namespace and name; at most 2,000."""
    found: list[ObjectRow] = []
    page = PageOf("", _PAGE)
    while len(found) < _MOST_READ:
        part = await fleets.objects(ObjectFilter(kind=kind, cluster=cluster), page)
        found += part.items
        if not part.next:
            break
        page = PageOf(part.next, _PAGE)
    return found
