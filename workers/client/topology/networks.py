"""Who reaches whom in a cluster: declared, enforced, probed."""

from __future__ import annotations

from domain.clusters.network_probe import seen
from domain.clusters.parts import Role
from domain.core.errors import SluicewayError
from domain.inventory.matrix import closed, ends_of, matrix
from domain.inventory.model import ObjectRow
from domain.inventory.reach import policy_of
from workers.client.ports.fleets import Fleets, ObjectFilter
from workers.client.ports.topology import NetworkRow, Networks
from workers.client.topology.probes import KIND, probe_of
from workers.client.topology.reading import Rows, heard, rows_of

MOST_ROWS, MOST_SPACES, MOST_SHOWN = 1_000, 1_000, 100


async def networks(fleets: Fleets, cluster: str, namespace: str, now: float) -> Networks:
    """See `Topologies.reach`."""
    at, fresh = await heard(fleets, cluster, now)
    if namespace:
        await fleets.namespace(cluster, namespace)
    spaces = await _of(fleets, "Namespace", cluster, MOST_SPACES)
    policies = await _of(fleets, "NetworkPolicy", cluster, MOST_ROWS)
    workloads = await _of(fleets, "Workload", cluster, MOST_ROWS) if policies.items else Rows()
    declared = [policy_of(row) for row in policies.items]
    ends = ends_of(spaces.items, workloads.items)
    table = matrix(ends, declared, first=namespace)
    probes = {row.namespace: probe_of(row) for row in (await _of(fleets, KIND, cluster, MOST_ROWS)).items}
    environments = {row.name: row.environment for row in spaces.items}
    rows = []
    for name in table.names[:-1]:
        own = [one for one in declared if one.namespace == name]
        rows.append(
            NetworkRow(
                name=name,
                environment=environments.get(name, ""),
                closed=closed(ends[name], own),
                policies=len(own),
                probe=probes.get(name),
            )
        )
    return Networks(
        cluster=cluster,
        matrix=table,
        namespaces=tuple(rows),
        enforcer=await _enforcer(fleets, cluster),
        policies=_shown(policies.items, namespace),
        unread=bool(policies.unread or workloads.unread or spaces.unread) or any(one.cut for one in declared),
        freshness=fresh,
        heard_at=at,
    )


def _shown(policies: tuple[ObjectRow, ...], namespace: str) -> tuple[ObjectRow, ...]:
    return tuple(row for row in policies if namespace in ("", row.namespace))[:MOST_SHOWN]


async def _enforcer(fleets: Fleets, cluster: str) -> str:
    """By its definition, else by the names of its DaemonSets."""
    try:
        if part := (await fleets.cluster(cluster)).parts.get(Role.FIREWALL, ""):
            return part
    except SluicewayError:  # its DaemonSets may tell
        pass
    return seen(row.name for row in (await _of(fleets, "DaemonSet", cluster, MOST_ROWS)).items)


async def _of(fleets: Fleets, kind: str, cluster: str, most: int) -> Rows:
    return await rows_of(fleets, ObjectFilter(kind=kind, cluster=cluster), most)
