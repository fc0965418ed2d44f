"""The four levels of a map."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from domain.core.errors import SluicewayError
from domain.inventory import levels
from domain.inventory.matrix import Matrix, closed, matrix
from domain.inventory.model import WORKLOADS, Freshness, Health, ObjectRow
from domain.inventory.reach import Answer, policy_of
from domain.inventory.topology import Box, BoxKind, Drawing, Edge, EdgeKind, Level, draw
from workers.client.ports.fleets import FleetCluster, FleetNamespace, Fleets, ObjectFilter
from workers.client.ports.pages import MOST, PageOf
from workers.client.ports.releases import Releases
from workers.client.topology.probes import tried_of
from workers.client.topology.reading import Rows, ends_in, policies_of, rows_of, shifts

MOST_SPACES, MOST_ROWS, MOST_OTHERS, MOST_IN_TABLE = 600, 1_000, 300, 40
_CLOSED = {Answer.ALL: "isolated", Answer.SOME: "partly isolated", Answer.NONE: "open"}


@dataclass(frozen=True)
class Content:
    """What a map draws, and how many things that is."""

    level: Level
    boxes: Sequence[Box]
    edges: Sequence[Edge]
    things: int
    unread: int = 0
    unsure: bool = False
    unlinked: int = 0

    def drawing(self) -> Drawing:
        """Folded and placed."""
        return draw(self.boxes, self.edges)


async def clusters(fleets: Fleets) -> Content:
    """Environments, and the clusters that they run in."""
    fleet = await fleets.overview()
    boxes = [_cluster(one) for one in fleet.clusters]
    every = Counter(fleet.totals.get("clusters", {}))
    every.subtract(one.health.value for one in fleet.clusters)
    left = {name: count for name, count in every.items() if count > 0}
    if left:
        worst = max(map(Health, left), key=lambda one: one.rank)
        boxes.append(Box(key=f"{BoxKind.CLUSTER}/", kind=BoxKind.CLUSTER, health=worst, of=sum(left.values())))
    environments: dict[str, Box] = {}
    edges = []
    for one in fleet.environments:
        key = f"{BoxKind.ENVIRONMENT}/{one.environment}"
        health = Health.DEGRADED if one.bad else Health.HEALTHY
        known = environments.get(key)
        if known is None or health.rank > known.health.rank:
            environments[key] = Box(key=key, kind=BoxKind.ENVIRONMENT, name=one.environment, health=health)
        cluster = f"{BoxKind.CLUSTER}/{one.cluster}"
        edges.append(Edge(start=key, end=cluster, kind=EdgeKind.RUNS, label=f"{one.services - one.bad}/{one.services}"))
    unread = sum(left.values())
    return Content(Level.CLUSTERS, [*environments.values(), *boxes], edges, len(fleet.clusters) + unread, unread)


def _cluster(one: FleetCluster) -> Box:
    return Box(
        key=f"{BoxKind.CLUSTER}/{one.name}",
        kind=BoxKind.CLUSTER,
        name=one.name,
        health=one.health,
        counts=one.pods,
        note=one.version or one.status,
        reason=one.reason,
        since=one.since,
        stale=one.freshness is not Freshness.LIVE,
        cluster=one.name,
    )


async def namespaces(fleets: Fleets, cluster: str) -> Content:
    """Namespaces, and what policies let into those that they close."""
    spaces, more = await _spaces(fleets, cluster)
    found = await policies_of(fleets, cluster)
    policies = [policy_of(row) for row in found.items]
    rows = await _of(fleets, "Namespace", cluster, "", MOST_SPACES)
    ends, cut = await ends_in(fleets, cluster, rows.items, found)
    by_space = {name: [one for one in policies if one.namespace == name] for name in ends}
    shut = {name: closed(ends[name], by_space[name]) for name in ends}
    tried = tried_of((await _of(fleets, "NetworkProbe", cluster, "", MOST_OTHERS)).items)
    boxes = [_space(one, shut.get(one.name, Answer.NONE), with_words=bool(policies)) for one in spaces]
    every = (await fleets.counts(ObjectFilter(kind="Namespace", cluster=cluster))).total if more else len(spaces)
    unread = max(every - len(spaces), 0)
    if unread:
        boxes.append(Box(key=f"{BoxKind.NAMESPACE}/", kind=BoxKind.NAMESPACE, of=unread, cluster=cluster))
    table = matrix(ends, policies, MOST_IN_TABLE) if policies else Matrix()
    edges = [*levels.namespace_edges(table, shut, tried)] if policies else []
    unsure = bool(found.unread or cut) or any(one.cut for one in policies)
    return Content(Level.NAMESPACES, boxes, edges, every, unread, unsure, table.rest)


async def _spaces(fleets: Fleets, cluster: str) -> tuple[list[FleetNamespace], bool]:
    found, after = list[FleetNamespace](), ""
    while len(found) < MOST_SPACES:
        page = await fleets.namespaces(cluster, "", PageOf(after=after, limit=MOST))
        found += page.items
        after = page.next
        if not after:
            return found, False
    return found, True


def _space(one: FleetNamespace, shut: Answer, *, with_words: bool) -> Box:
    worst = max(
        (Health(name) for name, count in one.workloads.items() if count), key=lambda of: of.rank, default=one.health
    )
    return Box(
        key=f"{BoxKind.NAMESPACE}//Namespace/{one.name}",
        kind=BoxKind.NAMESPACE,
        name=one.name,
        health=max(one.health, worst, key=lambda of: of.rank),
        counts=one.workloads,
        note=one.environment,
        words=(_CLOSED[shut],) if with_words else (),
        stale=one.freshness is not Freshness.LIVE,
        cluster=one.cluster,
        namespace=one.name,
    )


async def workloads(fleets: Fleets, releases: Releases, cluster: str, namespace: str) -> Content:
    """Workloads with their pods, services that lead to them, policies, and releases under way."""
    await fleets.namespace(cluster, namespace)
    found = await _of(fleets, "Workload", cluster, namespace, MOST_ROWS)
    pods = await _of(fleets, "Pod", cluster, namespace, MOST_ROWS)
    services = await _of(fleets, "Service", cluster, namespace, MOST_OTHERS)
    policies = await _of(fleets, "NetworkPolicy", cluster, namespace, MOST_OTHERS)
    running = await shifts(releases, {row.service for row in found.items if row.service})
    own = [pod for pod in pods.items if not pod.owner]
    by = levels.pods_by_workload(pods.items) if not pods.unread else {}
    boxes = [_workload(row, by) for row in found.items] + [levels.box_of(pod) for pod in own]
    there = [*found.items, *own]
    sent, edges = levels.shift_boxes(running, there)
    guards, allowed = levels.policy_boxes(policies.items, there)
    boxes += [*sent, *(levels.box_of(row, levels.ports_of(row)) for row in services.items), *guards]
    edges += [*levels.service_edges(services.items, there, running), *allowed]
    read = (found, services, policies)
    boxes += _unread(cluster, namespace, zip(("Workload", "Service", "NetworkPolicy"), read, strict=True))
    things, unread = sum(one.all for one in read) + len(own), sum(one.unread for one in read)
    return Content(Level.WORKLOADS, boxes, edges, things, unread)


def _workload(row: ObjectRow, by: dict[str, Counter[str]]) -> Box:
    pods = by.get(f"{row.kind}/{row.name}") if by else None
    counts = dict(pods) if pods is not None else levels.replicas(row)
    return levels.box_of(row, row.version or row.status, counts)


def _unread(cluster: str, namespace: str, read: Iterable[tuple[str, Rows]]) -> list[Box]:
    found = []
    for kind, rows in read:
        if rows.unread:
            of = levels.KIND_OF.get(kind, BoxKind.WORKLOAD)
            found.append(Box(key=f"{of}/", kind=of, of=rows.unread, cluster=cluster, namespace=namespace))
    return found


async def workload(fleets: Fleets, releases: Releases, cluster: str, namespace: str, of: str) -> Content:
    """One workload with what is around it, and its pods."""
    kind, _, name = of.partition("/")
    if kind not in WORKLOADS:
        raise SluicewayError("SLW907", f"there is no workload {of[:200]} in {cluster[:100]}/{namespace[:100]}")
    known = await fleets.object(cluster, kind, namespace, name)
    near: list[ObjectRow] = []
    for each in ("Service", "NetworkPolicy", "HorizontalPodAutoscaler", "PersistentVolumeClaim"):
        near += (await _of(fleets, each, cluster, namespace, MOST_OTHERS)).items
    running = await shifts(releases, {known.row.service} - {""})
    counts = await fleets.counts(ObjectFilter(kind="Pod", cluster=cluster, namespace=namespace, owner=of))
    main = replace(levels.box_of(known.row, known.row.version or known.row.status), counts=dict(counts.health))
    boxes, edges = levels.around(known.row, near, running)
    sent, sends = levels.shift_boxes(running, [known.row])
    pods, has = levels.pod_boxes(known.row, known.pods, counts.health)
    return Content(Level.WORKLOAD, [main, *sent, *boxes, *pods], [*edges, *sends, *has], 1 + len(boxes) + counts.total)


async def _of(fleets: Fleets, kind: str, cluster: str, namespace: str, most: int) -> Rows:
    return await rows_of(fleets, ObjectFilter(kind=kind, cluster=cluster, namespace=namespace), most)
