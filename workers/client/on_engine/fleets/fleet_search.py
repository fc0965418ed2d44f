"""A search over everything that a caller may read: names that begin with a text, then those that have it inside."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from activities.inventory.objects import ObjectLists
from activities.inventory.services import ServiceLists
from activities.releases.release_lists import ENVIRONMENT_COLUMNS, RELEASE_COLUMNS, ReleaseLists
from activities.runs.run_lists import PIPELINE_COLUMNS, RUN_COLUMNS, RunLists, WantedRuns
from domain.access.actions import Action
from domain.access.resource import ENGINE, ResourceKind
from domain.core.documents import Node
from domain.inventory.model import WORKLOADS
from domain.runs.naming import named_by
from workers.client.guard import Guard
from workers.client.on_engine.fleets import fleet_rows
from workers.client.on_engine.fleets.fleet_reach import Seen
from workers.client.on_engine.lists import condition_of, page_of
from workers.client.on_engine.parts import EngineParts
from workers.client.on_engine.releases.release_rows import environment_resource
from workers.client.on_engine.releases.release_rows import resource_of as release_resource
from workers.client.on_engine.runs.run_rows import pipeline_resource
from workers.client.on_engine.runs.run_rows import resource_of as run_resource
from workers.client.ports.fleets import Found

MOST, MOST_EACH = 50, 12
LOOKED_AT = 200
"""Pipelines and environments that are looked at for a text inside of their names."""
KINDS = {**dict.fromkeys(("Namespace",), "namespace"), **dict.fromkeys(WORKLOADS, "workload")} | {
    "Node": "node",
    "Pod": "pod",
}


class FleetSearch:
    """Of one caller."""

    def __init__(self, parts: EngineParts, guard: Guard) -> None:
        self._rows, self._guard = parts.rows, guard
        self._objects, self._services = ObjectLists(parts.rows), ServiceLists(parts.rows)

    def found(self, text: str, seen: Seen) -> tuple[Found, ...]:
        """At most 50, the best first."""
        wanted = text.strip().lower()
        if not wanted:
            return ()
        first = list(islice(self._named(wanted, seen, inside=False), MOST))
        if len(first) < MOST:
            known = {(one.kind, one.id) for one in first}
            more = (one for one in self._named(wanted, seen, inside=True) if (one.kind, one.id) not in known)
            first += islice(more, MOST - len(first))
        return tuple(first)

    def _named(self, text: str, seen: Seen, *, inside: bool) -> Iterator[Found]:
        def fits(name: str) -> bool:
            return text in name.lower() if inside else name.lower().startswith(text)

        yield from islice((Found(kind="cluster", name=name, id=name) for name in seen.known if fits(name)), MOST_EACH)
        names = self._services.search(text, seen.reach, MOST_EACH, inside=inside)
        yield from (Found(kind="service", name=name, id=name) for name in names)
        for kinds in (("Namespace",), WORKLOADS, ("Node",), ("Pod",)):
            yield from self._in_clusters(kinds, text, seen, inside=inside)
        yield from self._environments(fits)
        yield from self._pipelines(fits)
        if not inside:
            yield from self._releases(text)
            yield from self._runs(text)
        yield from self._people(text, inside=inside)

    def _in_clusters(self, kinds: Sequence[str], text: str, seen: Seen, *, inside: bool) -> Iterable[Found]:
        rows = self._objects.named(kinds, text, seen.reach, MOST_EACH, inside=inside)
        for row in sorted(rows, key=lambda row: (row.name, row.cluster, row.namespace))[:MOST_EACH]:
            now = fleet_rows.now_row(row, seen.fresh)
            yield Found(
                kind=KINDS[row.kind],
                name=row.name,
                where=f"{row.cluster}/{row.namespace}" if row.namespace else row.cluster,
                id=f"{row.cluster}/{row.namespace}/{row.kind}/{row.name}",
                health=now.health.value,
            )

    def _environments(self, fits: Callable[[str], bool]) -> Iterable[Found]:
        readable = self._guard.readable(Action.ENVIRONMENTS_READ, ResourceKind.ENVIRONMENT)
        may, lists = condition_of(readable, ENVIRONMENT_COLUMNS), ReleaseLists(self._rows)
        names, _ = page_of(
            readable,
            lambda after, most: lists.environments(str(after[0]) if after else "", most, may),
            lambda name: (name,),
            environment_resource,
            None,
            LOOKED_AT,
        )
        yield from islice((Found(kind="environment", name=one, id=one) for one in names if fits(one)), MOST_EACH)

    def _pipelines(self, fits: Callable[[str], bool]) -> Iterable[Found]:
        readable = self._guard.readable(Action.RUNS_READ, ResourceKind.PIPELINE)
        may, lists = condition_of(readable, PIPELINE_COLUMNS), RunLists(self._rows)
        rows, _ = page_of(
            readable,
            lambda after, most: lists.pipelines(str(after[0]) if after else "", most, may),
            lambda row: (row["name"],),
            lambda row: pipeline_resource(row["name"]),
            None,
            LOOKED_AT,
        )
        names = (row["name"] for row in rows)
        yield from islice((Found(kind="pipeline", name=one, id=one) for one in names if fits(one)), MOST_EACH)

    def _releases(self, text: str) -> Iterable[Found]:
        """The newest of a service."""
        readable = self._guard.readable(Action.RELEASES_READ, ResourceKind.RELEASE)
        may, lists = condition_of(readable, RELEASE_COLUMNS), ReleaseLists(self._rows)
        rows, _ = page_of(
            readable,
            lambda after, most: lists.releases(
                text, "", (float(after[0]), str(after[1])) if after else None, most, may
            ),
            lambda row: (row["started_at"], row["id"]),
            release_resource,
            None,
            MOST_EACH // 2,
        )
        yield from (Found(kind="release", name=row["id"], where=row["environment"], id=row["id"]) for row in rows)

    def _runs(self, text: str) -> Iterable[Found]:
        """By number or commit, else the newest of a pipeline."""
        readable = self._guard.readable(Action.RUNS_READ, ResourceKind.RUN)
        may, lists, named = condition_of(readable, RUN_COLUMNS), RunLists(self._rows), named_by(text)
        which = WantedRuns(named=named) if named else WantedRuns(pipeline=text)
        rows, _ = page_of(
            readable,
            lambda after, most: lists.runs(which, (float(after[0]), str(after[1])) if after else None, most, may),
            lambda row: (row["started_at"], row["id"]),
            run_resource,
            None,
            MOST_EACH // 2,
        )
        yield from (Found(kind="run", name=row["id"], where=row["branch"], id=row["id"]) for row in rows)

    def _people(self, text: str, *, inside: bool) -> Iterable[Found]:
        """For who may read all people; others are not even told that they may not."""
        if not self._guard.verdict(Action.PEOPLE_READ, ENGINE).allowed:
            return
        escaped = text.replace("!", "!!").replace("%", "!%").replace("_", "!_")
        query = "select name from identities where lower(name) like :text escape '!' order by name limit :most"
        like = f"%{escaped}%" if inside else f"{escaped}%"
        for row in self._rows.rows(query, text=like, most=MOST_EACH):
            name = Node(row).need_text("name")
            yield Found(kind="person", name=name, id=name)
