"""What is in the clusters, in memory: every answer is looked up in all rows, one by one."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace

from activities.inventory.port import ClusterLife
from domain.access.actions import Action
from domain.access.resource import ResourceKind
from domain.core.documents import Node
from domain.core.errors import SluicewayError
from domain.inventory.model import PLACED, WORKLOADS, EventRow, Freshness, Health, ObjectRow, WatchRow, kinds_of
from domain.inventory.rollup import BAD, JUDGED, WAS_BAD, KnownCluster, Life, Placed, Tally, added, first_wrong
from tests.support.memory_client.world import NOW, World, listed, resource
from workers.client.guard import Guard
from workers.client.on_engine.fleets.detail_counts import DETAILS, detail_counts
from workers.client.on_engine.fleets.fleet_rows import (
    cluster_row,
    namespace_row,
    now_row,
    service_row,
)
from workers.client.ports.fleets import (
    ClusterDetails,
    DetailCounts,
    EnvironmentVersions,
    Fleet,
    FleetCluster,
    FleetNamespace,
    FleetService,
    Found,
    ObjectCounts,
    ObjectDetails,
    ObjectFilter,
)
from workers.client.ports.pages import Page, PageOf

OF_SEARCH = {"Namespace": "namespace", "Pod": "pod", "Node": "node", **dict.fromkeys(WORKLOADS, "workload")}


class MemoryFleets:
    """Implements `Fleets`."""

    def __init__(self, world: World, guard: Guard) -> None:
        self._world, self._guard = world, guard

    def _known(self) -> dict[str, KnownCluster]:
        """Those that may be read."""
        world = self._world
        names = sorted(
            world.cluster_lives.keys() | world.watches.keys() | {row.cluster for row in world.objects.values()}
        )
        names = [name for name in names if not self._one(name).is_over(NOW)]
        of = [resource(ResourceKind.CLUSTER, name) for name in names]
        may = self._guard.readable(Action.CLUSTERS_READ, ResourceKind.CLUSTER).keep(of)
        return {name: self._one(name) for name, kept in zip(names, may, strict=True) if kept}

    def _one(self, name: str) -> KnownCluster:
        life = self._world.cluster_lives.get(name, ClusterLife(name=name))
        body = Node(json.loads(life.body))
        return KnownCluster(
            name=name,
            provider=life.provider,
            life=Life(status=life.status, waits_for=life.waits_for, reason=life.reason, since=life.since),
            drift=body["drift"].whole(),
            guarded=body["guarded"].value is True,
            dials_out=body["dials_out"].value is True,
            watch=self._world.watches.get(name, WatchRow(cluster=name)),
        )

    def _fresh(self) -> dict[str, Freshness]:
        return {name: one.heard(NOW).freshness for name, one in self._known().items()}

    def _rows(self, fits: Callable[[ObjectRow], bool], health: str = "") -> list[ObjectRow]:
        """As they are now; `was-bad`: those that were bad before their cluster was lost."""
        fresh = self._fresh()
        rows = [row for row in self._world.objects.values() if row.cluster in fresh]
        if health == WAS_BAD:
            rows = [row for row in rows if row.health in BAD]
        return [now for row in rows if fits(now := now_row(row, fresh))]

    def _cluster(self, known: KnownCluster) -> FleetCluster:
        rows = [row for row in self._world.objects.values() if row.cluster == known.name]
        judged = [kind for kinds in JUDGED.values() for kind in kinds]
        since = [row.since for row in rows if row.health in BAD and row.kind in judged]
        tallies = [_tally(row) for row in rows]
        wrong = first_wrong(tallies)
        fits = [row for row in rows if wrong and (row.kind, row.health) == wrong]
        first = min(fits, key=lambda row: (row.since, row.namespace, row.name), default=None)
        return cluster_row(known, tallies, min(since, default=0), NOW, first)

    async def overview(self) -> Fleet:
        """See `Fleets`."""
        every = [self._cluster(one) for one in self._known().values()]
        services = self._services("")
        totals = {
            "clusters": added({one.health.value: 1} for one in every),
            "nodes": added(one.nodes for one in every),
            "workloads": added(one.workloads for one in every),
            "pods": added(one.pods for one in every),
            "services": added({one.health.value: 1} for one in services),
        }
        live = [name for name, fresh in self._fresh().items() if fresh is Freshness.LIVE]
        rows = self._rows(lambda row: row.kind in PLACED and row.health in BAD and row.cluster in live)
        known = Counter(row.service for row in rows)
        bad = sorted(services, key=lambda one: (-one.health.rank, -known[one.name], one.name))
        return Fleet(
            totals=totals,
            clusters=tuple(sorted(every, key=lambda one: (-one.health.rank, one.name)))[:200],
            worst=tuple(one for one in bad if one.health is not Health.HEALTHY)[:100],
            environments=tuple(self._environments())[:200],
            warnings=tuple(self._events("", "", going=True)[:20]),
            as_of=NOW,
        )

    def _environments(self) -> list[EnvironmentVersions]:
        rows = self._rows(lambda row: row.kind in PLACED and bool(row.environment))
        found = []
        for environment, cluster in sorted({(row.environment, row.cluster) for row in rows}):
            of = [row for row in rows if (row.environment, row.cluster) == (environment, cluster)]
            services = {row.service for row in of}
            versions = {name: {row.version for row in of if row.service == name} for name in services}
            found.append(
                EnvironmentVersions(
                    environment=environment,
                    cluster=cluster,
                    services=len(services),
                    versions=len({row.version for row in of}),
                    bad=len({row.service for row in of if row.health in BAD}),
                    mixed=sum(len(one) > 1 for one in versions.values()),
                )
            )
        return found

    async def heard(self) -> Mapping[str, float]:
        """See `Fleets`."""
        return {name: one.watch.heard_at for name, one in self._known().items()}

    async def clusters(self, text: str, status: str, page: PageOf, health: str = "") -> Page[FleetCluster]:
        """See `Fleets`."""
        rows = [self._cluster(one) for one in self._known().values() if text.casefold() in one.name.casefold()]
        found = [row for row in rows if status in ("", row.status) and _is(row.health, health)]
        return listed(found, lambda row: (row.name,), page, "clusters", text, status, health)

    async def cluster(self, name: str) -> ClusterDetails:
        """See `Fleets`."""
        known = self._readable(name)
        details = self._world.cluster_details.get(name, ClusterDetails(row=FleetCluster(name=name), answers=False))
        watch = known.watch
        return replace(
            details, row=self._cluster(known), certificates=watch.certificates, unwatched=dict(watch.unwatched)
        )

    def _readable(self, name: str) -> KnownCluster:
        self._guard.need(Action.CLUSTERS_READ, resource(ResourceKind.CLUSTER, name))
        known = self._known()
        if name not in known:
            raise SluicewayError("SLW907", f"there is no cluster {name}")
        return known[name]

    async def namespaces(self, cluster: str, text: str, page: PageOf) -> Page[FleetNamespace]:
        """See `Fleets`."""
        rows = self._rows(lambda row: row.kind == "Namespace" and cluster in ("", row.cluster))
        found = [self._namespace(row) for row in rows if text.casefold() in row.name.casefold()]
        return listed(found, lambda row: (row.cluster, row.name), page, "namespaces", cluster, text)

    async def namespace(self, cluster: str, name: str) -> FleetNamespace:
        """See `Fleets`."""
        return self._namespace((await self.object(cluster, "Namespace", "", name)).row)

    def _namespace(self, row: ObjectRow) -> FleetNamespace:
        within = [one for one in self._world.objects.values() if one.key[::2] == (row.cluster, row.name)]
        quota = max((one.wanted for one in within if one.kind == "ResourceQuota"), default=-1)
        known = self._known()[row.cluster]
        tallies = [_tally(one) for one in within]
        return namespace_row(row, tallies, quota, known.watch.heard_at, known.heard(NOW).freshness)

    async def objects(self, filter: ObjectFilter, page: PageOf) -> Page[ObjectRow]:
        """See `Fleets`."""
        rows = self._rows(lambda row: _fits(row, filter), filter.health)
        return listed(rows, lambda row: (row.cluster, row.namespace, row.name, row.kind), page, repr(filter))

    async def counts(self, filter: ObjectFilter) -> ObjectCounts:
        """See `Fleets`."""
        rows = self._rows(lambda row: _fits(row, filter), filter.health)
        return ObjectCounts(
            total=len(rows),
            health=added({row.health.value: 1} for row in rows),
            status=added({row.status: 1} for row in rows),
        )

    async def details(self, filter: ObjectFilter, detail: str) -> DetailCounts:
        """See `Fleets`."""
        rows = self._rows(lambda row: _fits(row, filter), filter.health) if detail in DETAILS else []
        found = [(row.cluster, row.namespace, _said(row, detail), 1) for row in rows]
        return detail_counts(detail, found, len(found))

    async def object(self, cluster: str, kind: str, namespace: str, name: str) -> ObjectDetails:
        """See `Fleets`."""
        known = self._readable(cluster)
        found = self._rows(lambda row: row.key == (cluster, kind, namespace, name))
        if not found:
            raise SluicewayError("SLW907", f"there is no {kind} {namespace}/{name} in {cluster}")
        (row,) = found
        pods = self._rows(lambda one: one.kind == "Pod" and one.cluster == cluster and _of(one, row))
        events = [one for one in self._events(cluster, namespace, going=False) if (one.kind, one.name) == (kind, name)]
        return ObjectDetails(
            row=row,
            freshness=known.heard(NOW).freshness,
            heard_at=known.watch.heard_at,
            pods=tuple(sorted(pods, key=_worst_first)[:100]),
            events=tuple(events[:50]),
            workflow=Node(row.details)["workflow"].text(),
        )

    def _services(self, name: str) -> list[FleetService]:
        rows = self._rows(lambda row: row.kind in PLACED and bool(row.service) and name in ("", row.service))
        found = []
        for service in sorted({row.service for row in rows}):
            of = [row for row in rows if row.service == service]
            placed = [Placed(service=service, version=one.version, bad=one.health in BAD) for one in of]
            clusters = len({one.cluster for one in of})
            worst = min(of, key=_worst_first)
            found.append(service_row(service, placed, clusters, worst if worst.health is not Health.HEALTHY else None))
        return found

    async def services(self, text: str, health: str, page: PageOf) -> Page[FleetService]:
        """See `Fleets`."""
        found = [
            one for one in self._services("") if text.casefold() in one.name.casefold() and _is(one.health, health)
        ]
        return listed(found, lambda one: (one.name,), page, "services", text, health)

    async def service(self, name: str) -> FleetService:
        """See `Fleets`."""
        for one in self._services(name) if name else ():
            return one
        raise SluicewayError("SLW907", f"there is no service {name}")

    def _events(self, cluster: str, namespace: str, *, going: bool) -> list[EventRow]:
        known = self._known()
        rows = [one for one in self._world.warnings if one.cluster in known and cluster in ("", one.cluster)]
        found = [one for one in rows if namespace in ("", one.namespace) and not (going and one.ended_at)]
        return sorted(found, key=lambda one: (one.last_at, one.cluster, one.uid), reverse=True)

    async def events(self, cluster: str, namespace: str, going: bool, page: PageOf) -> Page[EventRow]:
        """See `Fleets`."""
        rows = self._events(cluster, namespace, going=going)
        of = ("events", cluster, namespace, str(going))
        return listed(rows, lambda one: (one.last_at, one.cluster, one.uid), page, *of, newest_first=True)

    async def search(self, text: str) -> tuple[Found, ...]:
        """See `Fleets`."""
        wanted = text.strip().casefold()
        if not wanted:
            return ()
        found = [Found(kind="cluster", name=name, id=name) for name in self._known()]
        found += [
            Found(kind="service", name=one.name, id=one.name, health=one.health.value) for one in self._services("")
        ]
        for row in self._rows(lambda row: row.kind in OF_SEARCH):
            id_ = f"{row.cluster}/{row.namespace}/{row.kind}/{row.name}"
            where = f"{row.cluster}/{row.namespace}" if row.namespace else row.cluster
            kind = OF_SEARCH[row.kind]
            found.append(Found(kind=kind, name=row.name, where=where, id=id_, health=row.health.value))
        found += [Found(kind="run", name=id_, id=id_) for id_ in self._world.runs]
        found += [Found(kind="release", name=id_, id=id_) for id_ in self._world.releases]
        found += [Found(kind="pipeline", name=name, id=name) for name in self._world.pipelines]
        found += [Found(kind="environment", name=name, id=name) for name in self._world.environments]
        found += [Found(kind="person", name=name, id=name) for name in self._world.people]
        fits = [one for one in found if wanted in one.name.casefold()]
        return tuple(sorted(fits, key=lambda one: not one.name.casefold().startswith(wanted))[:50])


def _worst_first(row: ObjectRow) -> tuple[int, str, str, str, str]:
    """What is worst comes first, then by place."""
    return (-row.health.rank, row.cluster, row.namespace, row.kind, row.name)


def _tally(row: ObjectRow) -> Tally:
    return Tally(
        kind=row.kind, status=row.status, health=row.health, number=1, cpu_m=row.cpu_m, memory_mb=row.memory_mb
    )


def _said(row: ObjectRow, detail: str) -> str:
    said = row.details.get(detail, "")
    return said if isinstance(said, str) else json.dumps(said)


def _is(health: Health, wanted: str) -> bool:
    return wanted in ("", health.value) or (wanted == "bad" and health in BAD)


def _of(pod: ObjectRow, row: ObjectRow) -> bool:
    """Whether a pod is of a node, or of a workload or claim in its namespace."""
    if row.kind == "Node":
        return pod.node == row.name
    if pod.namespace != row.namespace:
        return False
    claims = Node(pod.details)["claims"].texts()
    return row.name in claims if row.kind == "PersistentVolumeClaim" else pod.owner == f"{row.kind}/{row.name}"


def _fits(row: ObjectRow, which: ObjectFilter) -> bool:
    kinds = kinds_of(which.kind)
    names = ("cluster", "namespace", "status", "node", "owner", "service", "environment")
    return (
        row.kind in kinds
        and all(getattr(which, name) in ("", getattr(row, name)) for name in names)
        and (which.health == WAS_BAD or _is(row.health, which.health))
        and which.text.casefold() in row.name.casefold()
    )
