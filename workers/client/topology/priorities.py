"""Priority classes, and which pods have them."""

from __future__ import annotations

from collections import Counter, defaultdict

from domain.core.documents import Node
from workers.client.ports.fleets import Fleets, ObjectFilter
from workers.client.ports.topology import PriorityRow
from workers.client.topology.reading import rows_of

MOST_CLASSES, MOST_ROWS, MOST_NAMED = 200, 300, 10


async def priorities(fleets: Fleets, cluster: str, namespace: str) -> tuple[PriorityRow, ...]:
    """See `Rooms.priorities`."""
    classes = await rows_of(fleets, ObjectFilter(kind="PriorityClass", cluster=cluster), MOST_CLASSES)
    pods = await fleets.details(ObjectFilter(kind="Pod", cluster=cluster, namespace=namespace), "priority")
    known, having = {row.name: row for row in classes.items}, defaultdict[str, Counter[str]](Counter)
    for one in pods.items:
        having[one.text][one.namespace] += one.number
    found = [
        PriorityRow(
            name=name,
            row=known.get(name),
            pods=having[name].total(),
            namespaces=tuple(sorted(having[name].items(), key=lambda each: (-each[1], each[0]))[:MOST_NAMED]),
            places=len(having[name]),
        )
        for name in {*known, *list(having)}
    ]
    return tuple(sorted(found, key=_highest)[:MOST_ROWS])


def _highest(one: PriorityRow) -> tuple[float, str]:
    return -Node(one.row.details)["value"].number() if one.row else 0.0, one.name
