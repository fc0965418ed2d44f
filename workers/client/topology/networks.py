"""Who reaches whom in a cluster: declared, enforced, probed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from domain.clusters.network_probe import seen
from domain.clusters.parts import Role
from domain.core.errors import SluicewayError
from domain.inventory.generated import GeneratedPolicy, compared, declares
from domain.inventory.matrix import closed, matrix
from domain.inventory.model import ObjectRow
from domain.inventory.reach import policy_of
from workers.client.ports.fleets import ClusterDetails, Fleets, ObjectFilter
from workers.client.ports.topology import NetworkRow, Networks
from workers.client.topology.probes import KIND, probe_of
from workers.client.topology.reading import Rows, ends_in, heard, policies_of, rows_of

MOST_ROWS, MOST_SPACES, MOST_SHOWN = 1_000, 1_000, 100


async def networks(fleets: Fleets, cluster: str, namespace: str, now: float) -> Networks:
    """See `Topologies.reach`."""
    at, fresh = await heard(fleets, cluster, now)
    if namespace:
        await fleets.namespace(cluster, namespace)
    spaces = await _of(fleets, "Namespace", cluster, MOST_SPACES)
    policies = await policies_of(fleets, cluster)
    declared = [policy_of(row) for row in policies.items]
    ends, cut = await ends_in(fleets, cluster, spaces.items, policies)
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
    details = await _details(fleets, cluster)
    generated = [one for one in _generated(details, environments, policies) if namespace in ("", one.namespace)]
    return Networks(
        cluster=cluster,
        matrix=table,
        namespaces=tuple(rows),
        enforcer=await _enforcer(fleets, cluster, details),
        policies=_shown(policies.items, namespace),
        declares=declares(details.definition if details else {}),
        generated=tuple(generated[:MOST_SHOWN]),
        generated_counts=Counter(one.state.value for one in generated),
        unread=bool(policies.unread or cut or spaces.unread) or any(one.cut for one in declared),
        freshness=fresh,
        heard_at=at,
    )


def _shown(policies: tuple[ObjectRow, ...], namespace: str) -> tuple[ObjectRow, ...]:
    return tuple(row for row in policies if namespace in ("", row.namespace))[:MOST_SHOWN]


def _generated(
    details: ClusterDetails | None, environments: Mapping[str, str], policies: Rows
) -> Iterable[GeneratedPolicy]:
    if details is None or policies.unread:  # what was not read would be called missing
        return ()
    return compared(details.definition, environments, policies.items, details.open)


async def _details(fleets: Fleets, cluster: str) -> ClusterDetails | None:
    try:
        return await fleets.cluster(cluster)
    except SluicewayError:  # its rows are known all the same
        return None


async def _enforcer(fleets: Fleets, cluster: str, details: ClusterDetails | None) -> str:
    """By its definition, else by the names of its DaemonSets."""
    if part := details.parts.get(Role.FIREWALL, "") if details else "":
        return part
    return seen(row.name for row in (await _of(fleets, "DaemonSet", cluster, MOST_ROWS)).items)


async def _of(fleets: Fleets, kind: str, cluster: str, most: int) -> Rows:
    return await rows_of(fleets, ObjectFilter(kind=kind, cluster=cluster), most)
