"""What is in the clusters, from the rows of the inventory."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import TypeVar

from activities.inventory.clusters import ClusterLists
from activities.inventory.events import EventLists
from activities.inventory.objects import ObjectLists, WantedObjects
from activities.inventory.services import ServiceLists
from domain.access.actions import Action
from domain.access.principal import Caller
from domain.access.resource import cluster_resource
from domain.core.documents import Node
from domain.core.errors import SluicewayError
from domain.core.values import closest
from domain.inventory.model import EventRow, Health, ObjectRow
from domain.inventory.rollup import BAD, added, first_wrong
from workers.client.guard import Guard, needed
from workers.client.on_engine.fleets import fleet_rows as rows
from workers.client.on_engine.fleets.detail_counts import DETAILS, detail_counts
from workers.client.on_engine.fleets.fleet_details import details_of
from workers.client.on_engine.fleets.fleet_reach import MayRead, Seen, readable_by, readable_by_each, seen_at
from workers.client.on_engine.fleets.fleet_search import FleetSearch
from workers.client.on_engine.parts import EngineParts, temporal_path
from workers.client.paging import Key, after_of, limit_of, next_of
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
from workers.client.unseen import unseen

T = TypeVar("T")
MOST_CLUSTERS, MOST_WORST, MOST_ENVIRONMENTS, MOST_WARNINGS = 200, 100, 200, 20
MOST_PODS, MOST_EVENTS = 100, 50
WELL = Health.HEALTHY.value
MOST_DETAILS = 20_000
CLAIM = "PersistentVolumeClaim"


class EngineFleets:
    """Implements `Fleets`."""

    def __init__(self, parts: EngineParts, guard: Guard, clock: Callable[[], float] = time.time) -> None:
        self._parts, self._guard, self._clock = parts, guard, clock
        self._clusters, self._objects = ClusterLists(parts.rows), ObjectLists(parts.rows)
        self._services, self._events = ServiceLists(parts.rows), EventLists(parts.rows)

    async def _read(self, look: Callable[[Seen], T]) -> T:
        """With what the caller may read."""
        return await self._parts.read(lambda: look(self._seen(readable_by(self._guard, self._clusters))))

    def _seen(self, may: MayRead) -> Seen:
        return seen_at(may, self._clusters, self._clock())

    async def overview(self) -> Fleet:
        """See `Fleets`. Made once for all who may read the same and ask at the same time."""
        may = await self._parts.shared.get_each(("readers", type(self._guard)), self._guard.caller, self._may_each)
        make = partial(self._parts.read, lambda: self._overview(self._seen(may)))
        return await self._parts.shared.get(("fleet", may), make)

    async def _may_each(self, callers: Sequence[Caller]) -> list[MayRead]:
        return await self._parts.read(lambda: readable_by_each(self._guard, callers, self._clusters))

    def _overview(self, seen: Seen) -> Fleet:
        every = self._cluster_rows(seen)
        bad = self._services.not_well(seen.reach)
        worst = sorted(bad, key=lambda name: (-bad[name][0].rank, -bad[name][1], name))[:MOST_WORST]
        healthy = self._services.number(seen.reach) - len(bad)
        totals = {
            "clusters": added({one.health.value: 1} for one in every),
            "nodes": added(one.nodes for one in every),
            "workloads": added(one.workloads for one in every),
            "pods": added(one.pods for one in every),
            "services": added([*({one.value: 1} for one, _ in bad.values()), *([{WELL: healthy}] if healthy else [])]),
        }
        going = self._events.page(seen.reach, "", None, MOST_WARNINGS, going=True)
        return Fleet(
            totals=totals,
            clusters=tuple(sorted(every, key=lambda one: (-one.health.rank, one.name)))[:MOST_CLUSTERS],
            worst=tuple(self._service_rows(worst, seen)),
            environments=tuple(self._environments(seen)),
            warnings=tuple(going),
            as_of=seen.now,
        )

    def _cluster_rows(self, seen: Seen) -> list[FleetCluster]:
        tallies, bad_since = self._clusters.tallies(seen.reach), self._clusters.bad_since(seen.reach)
        wrong = {name: what for name in seen.known if (what := first_wrong(tallies.get(name, ())))}
        first = self._objects.first(dict(islice(wrong.items(), MOST_CLUSTERS)))
        return [
            rows.cluster_row(one, tallies.get(name, []), bad_since.get(name, 0), seen.now, first.get(name))
            for name, one in seen.known.items()
        ]

    def _environments(self, seen: Seen) -> Iterable[EnvironmentVersions]:
        for one in self._services.environments(seen.reach, MOST_ENVIRONMENTS):
            yield EnvironmentVersions(
                environment=one["environment"],
                cluster=one["cluster"],
                services=one["services"],
                versions=one["versions"],
                bad=one["bad"] if seen.is_live(one["cluster"]) else one["services"],
                mixed=one["mixed"],
            )

    async def heard(self) -> Mapping[str, float]:
        """See `Fleets`."""
        return await self._read(lambda seen: {name: one.watch.heard_at for name, one in seen.known.items()})

    async def clusters(self, text: str, status: str, page: PageOf, health: str = "") -> Page[FleetCluster]:
        """See `Fleets`. All are looked at: there are hundreds at most."""
        of = ("clusters", text, status, health)
        limit, after = limit_of(page), after_of(page, (str,), *of)

        def look(seen: Seen) -> Page[FleetCluster]:
            found = [
                row
                for row in self._cluster_rows(seen)
                if text.lower() in row.name.lower()
                and status in ("", row.status)
                and _is(row.health, health)
                and (after is None or row.name > str(after[0]))
            ]
            return _page(sorted(found, key=lambda row: row.name), limit, lambda row: (row.name,), seen.now, of)

        return await self._read(look)

    async def cluster(self, name: str) -> ClusterDetails:
        """See `Fleets`."""
        try:
            seen = await self._readable(name, _nothing(f"cluster {name}"))
        except SluicewayError as unknown:
            if unknown.code == "SLW907" and (meant := closest(name, await self.heard())):
                unknown.fix = f"did you mean '{meant}'?"
            raise
        row = await self._parts.read(lambda: self._cluster_rows(seen)[0])
        return await details_of(self._parts, row, seen.known[name].watch)

    async def _readable(self, name: str, nothing: SluicewayError) -> Seen:
        """One cluster. Whoever may not read it gets the answer of one that there is not.

        Raises:
            SluicewayError: `nothing`.
        """
        known = await self._parts.read(lambda: self._clusters.one(name))
        if known is None or known.is_over(self._clock()):
            raise nothing
        about = cluster_resource(name)
        async with unseen(self._guard, Action.CLUSTERS_READ, about, nothing):
            await needed(self._guard, Action.CLUSTERS_READ, about)
        return Seen({name: known}, everything=False, now=self._clock())

    async def namespaces(self, cluster: str, text: str, page: PageOf) -> Page[FleetNamespace]:
        """See `Fleets`."""
        found, seen = await self._listed(ObjectFilter(kind="Namespace", cluster=cluster, text=text), page, "namespaces")
        made = await self._parts.read(lambda: tuple(self._namespaces(found.items, seen)))
        return Page(made, found.next, found.as_of)

    async def namespace(self, cluster: str, name: str) -> FleetNamespace:
        """See `Fleets`."""
        nothing = _nothing(f"namespace {name} in {cluster}")
        seen = await self._readable(cluster, nothing)
        row = await self._parts.read(lambda: self._objects.one(cluster, "Namespace", "", name))
        if row is None:
            raise nothing
        return await self._parts.read(lambda: next(iter(self._namespaces([row], seen))))

    def _namespaces(self, found: Sequence[ObjectRow], seen: Seen) -> Iterable[FleetNamespace]:
        for cluster in dict.fromkeys(row.cluster for row in found):
            here = [row for row in found if row.cluster == cluster]
            names = [row.name for row in here]
            tallies = self._clusters.namespace_tallies(cluster, names)
            quotas = self._clusters.quotas(cluster, names)
            heard_at, fresh = seen.known[cluster].watch.heard_at, seen.fresh[cluster]
            for row in here:
                of = tallies.get(row.name, [])
                yield rows.namespace_row(row, of, quotas.get(row.name, -1), heard_at, fresh)

    async def objects(self, filter: ObjectFilter, page: PageOf) -> Page[ObjectRow]:
        """See `Fleets`."""
        found, _ = await self._listed(filter, page, "objects")
        return found

    async def _listed(self, which: ObjectFilter, page: PageOf, name: str) -> tuple[Page[ObjectRow], Seen]:
        of = (name, repr(which))
        limit, after = limit_of(page), after_of(page, (str, str, str, str), *of)
        place = (str(after[0]), str(after[1]), str(after[2]), str(after[3])) if after else None

        def look(seen: Seen) -> tuple[Page[ObjectRow], Seen]:
            found = self._objects.page(_wanted(which), seen.reach.of(which.cluster), place, limit + 1)
            now = [rows.now_row(row, seen.fresh) for row in found]
            return _page(now, limit, lambda row: (row.cluster, row.namespace, row.name, row.kind), seen.now, of), seen

        return await self._read(look)

    async def counts(self, filter: ObjectFilter) -> ObjectCounts:
        """See `Fleets`."""
        wanted = _wanted(filter)
        found = await self._read(lambda seen: self._objects.counts(wanted, seen.reach.of(filter.cluster)))
        return ObjectCounts(
            total=sum(number for _, _, number in found),
            health=added({health.value: number} for health, _, number in found),
            status=added({status: number} for _, status, number in found),
        )

    async def details(self, filter: ObjectFilter, detail: str) -> DetailCounts:
        """See `Fleets`."""
        if detail not in DETAILS:
            return DetailCounts()
        wanted = _wanted(filter)
        found = await self._read(
            lambda seen: self._objects.details(wanted, seen.reach.of(filter.cluster), detail, MOST_DETAILS + 1)
        )
        return detail_counts(detail, found, MOST_DETAILS)

    async def object(self, cluster: str, kind: str, namespace: str, name: str) -> ObjectDetails:
        """See `Fleets`."""
        nothing = _nothing(f"{kind} {namespace}/{name} in {cluster}")
        seen = await self._readable(cluster, nothing)
        row = await self._parts.read(lambda: self._objects.one(cluster, kind, namespace, name))
        if row is None:
            raise nothing
        return await self._parts.read(lambda: self._object(row, seen))

    def _object(self, row: ObjectRow, seen: Seen) -> ObjectDetails:
        look = self._objects.pods_with if row.kind == CLAIM else self._objects.pods_of
        pods = [] if row.kind == "Pod" else look(row, MOST_PODS)
        workflow = Node(row.details)["workflow"].text()
        ours = workflow.startswith(f"pod/{row.cluster}/{row.namespace}/{row.name}/")
        return ObjectDetails(
            row=rows.now_row(row, seen.fresh),
            freshness=seen.fresh[row.cluster],
            heard_at=seen.known[row.cluster].watch.heard_at,
            pods=tuple(rows.now_row(one, seen.fresh) for one in pods),
            events=tuple(self._events.of(row.cluster, row.kind, row.namespace, row.name, MOST_EVENTS)),
            workflow=workflow if ours else "",
            temporal=temporal_path(workflow, self._parts.settings.namespace) if ours else "",
        )

    async def services(self, text: str, health: str, page: PageOf) -> Page[FleetService]:
        """See `Fleets`."""
        of = ("services", text, health)
        limit, after = limit_of(page), after_of(page, (str,), *of)

        def look(seen: Seen) -> Page[FleetService]:
            names = self._services.names(text, health, seen.reach, str(after[0]) if after else "", limit + 1)
            part = _page(names, limit, lambda name: (name,), seen.now, of)
            return Page(tuple(self._service_rows(part.items, seen)), part.next, part.as_of)

        return await self._read(look)

    def _service_rows(self, names: Sequence[str], seen: Seen) -> Iterable[FleetService]:
        """In their order."""
        placed = rows.grouped(self._services.placed(names, seen.reach))
        found = self._services.worst_placements(names, seen.reach)
        worst = {name: rows.now_row(row, seen.fresh) for name, row in found.items()}
        clusters = self._services.clusters(names, seen.reach)
        known = (name for name in names if name in placed)
        return [rows.service_row(name, placed[name], clusters.get(name, 0), worst.get(name)) for name in known]

    async def service(self, name: str) -> FleetService:
        """See `Fleets`."""
        for found in await self._read(lambda seen: self._service_rows([name], seen)):
            return found
        raise _nothing(f"service {name}")

    async def events(self, cluster: str, namespace: str, going: bool, page: PageOf) -> Page[EventRow]:
        """See `Fleets`."""
        of = ("events", cluster, namespace, str(going))
        limit, after = limit_of(page), after_of(page, (float, str, str), *of)
        before = (float(after[0]), str(after[1]), str(after[2])) if after else None

        def look(seen: Seen) -> Page[EventRow]:
            found = self._events.page(seen.reach.of(cluster), namespace, before, limit + 1, going=going)
            return _page(found, limit, lambda one: (one.last_at, one.cluster, one.uid), seen.now, of)

        return await self._read(look)

    async def search(self, text: str) -> tuple[Found, ...]:
        """See `Fleets`."""
        search = FleetSearch(self._parts, self._guard)
        return await self._read(lambda seen: search.found(text, seen))


def _wanted(which: ObjectFilter) -> WantedObjects:
    return WantedObjects(**{name: value for name, value in vars(which).items() if name != "cluster"})


def _is(health: Health, wanted: str) -> bool:
    return wanted in ("", health.value) or (wanted == "bad" and health in BAD)


def _page(found: Sequence[T], limit: int, key: Callable[[T], Key], now: float, of: tuple[str, ...]) -> Page[T]:
    """`found`: one more than the limit, if there are more."""
    items = tuple(found[:limit])
    return Page(items, next_of(key(items[-1]), *of) if len(found) > limit else "", now)


def _nothing(what: str) -> SluicewayError:
    return SluicewayError("SLW907", f"there is no {what[:300]}", fix="sluiceway fleet")
