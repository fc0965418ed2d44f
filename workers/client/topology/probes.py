"""What probes of isolation found, as the inventory keeps it: a row of kind `NetworkProbe`."""

from __future__ import annotations

from collections.abc import Iterable

from domain.clusters.network_probe import Isolation
from domain.core.documents import Node
from domain.inventory.levels import Tried
from domain.inventory.model import Health, ObjectRow
from workers.client.ports.topology import ProbeRow

KIND = "NetworkProbe"
_BAD = (Isolation.NOT_ENFORCED, Isolation.BROKEN)


def row_of(cluster: str, probe: ProbeRow) -> ObjectRow:
    """The last result for a namespace; it takes the place of the one before."""
    return ObjectRow(
        cluster=cluster,
        kind=KIND,
        namespace=probe.namespace,
        name=probe.namespace,
        health=Health.DEGRADED if probe.isolation in _BAD else Health.HEALTHY,
        status=probe.isolation,
        reason=probe.words,
        since=probe.at,
        details={"elsewhere": probe.elsewhere},
    )


def probe_of(row: ObjectRow) -> ProbeRow:
    """From a row of this kind."""
    return ProbeRow(
        namespace=row.namespace,
        elsewhere=Node(row.details)["elsewhere"].text(),
        isolation=row.status,
        words=row.reason,
        at=row.since,
    )


def tried_of(rows: Iterable[ObjectRow]) -> list[Tried]:
    """What pods of another namespace reached; where not even its own pods did, nothing is known of others."""
    return [
        Tried(
            namespace=row.namespace,
            elsewhere=Node(row.details)["elsewhere"].text(),
            gets_in=row.status != Isolation.ENFORCED,
            at=row.since,
            words=row.reason,
        )
        for row in rows
        if row.status != Isolation.BROKEN
    ]
