"""Services, and the versions of environments, by what runs in the clusters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypedDict

from activities.inventory.reach import UNKNOWN, Reach, Where
from activities.inventory.rows import health_of, object_of
from activities.storage.schema import Rows
from domain.core.documents import Node
from domain.inventory.model import PLACED, Health, ObjectRow
from domain.inventory.rollup import Placed

_KINDS = ", ".join(map("'{}'".format, PLACED))
_PLACED = f"service <> '' and kind in ({_KINDS})"


class ListedEnvironment(TypedDict):
    """What runs of an environment in a cluster."""

    cluster: str
    environment: str
    services: int
    bad: int
    mixed: int
    versions: int


class ServiceLists:
    """Works on any `Rows`."""

    def __init__(self, database: Rows) -> None:
        self._database = database

    def totals(self, reach: Reach) -> dict[Health, int]:
        """How many services are so now. Who is not healthy is counted, and taken from all that there are."""
        if reach.is_empty:
            return {}
        where = Where()
        query = f"select worst, count(*) as number from ({self._bad(where, reach)}) as bad group by worst"  # noqa: S608
        found = {
            health_of(row["worst"]): Node(row).need_whole("number")
            for row in self._database.rows(query, **where.values)
        }
        healthy = self._number(reach) - sum(found.values())
        return found | ({Health.HEALTHY: healthy} if healthy else {})

    def _bad(self, where: Where, reach: Reach) -> str:
        """A query of services that are not healthy now: the worst of each, and how many placements are bad."""
        where.parts = ["worst > 0"]
        where.within(reach)
        if reach.unsure:
            where.parts.append(f"cluster not in {where.listed(reach.unsure)}")
        parts = [f"select service, worst, bad from inventory_services where {where.sql}"]  # noqa: S608
        if reach.unsure:
            silent = f"cluster in {where.listed(reach.unsure)}"
            of = f"{UNKNOWN} as worst, placements as bad"
            parts.append(f"select service, {of} from inventory_services where {silent}")  # noqa: S608
        sums = "max(worst) as worst, cast(sum(bad) as bigint) as bad"
        return f"select service, {sums} from ({' union all '.join(parts)}) as every group by service"  # noqa: S608

    def _number(self, reach: Reach) -> int:
        where = Where()
        self._somewhere(where, reach)
        query = f"select count(*) as number from inventory_names n where {where.sql}"  # noqa: S608
        (row,) = self._database.rows(query, **where.values)
        return Node(row).need_whole("number")

    def _somewhere(self, where: Where, reach: Reach) -> None:
        """A name that has a placement in a cluster that may be read."""
        if reach.names is not None:
            of = f"s.service = n.service and s.cluster in {where.listed(reach.names)}"
            where.parts.append(f"exists (select 1 from inventory_services s where {of})")  # noqa: S608

    def worst(self, reach: Reach, limit: int) -> list[str]:
        """Names of those that are not healthy now, the worst first."""
        if reach.is_empty:
            return []
        where = Where()
        query = f"{self._bad(where, reach)} order by 2 desc, 3 desc, 1 limit {int(limit)}"
        return [str(row["service"]) for row in self._database.rows(query, **where.values)]

    def names(self, text: str, health: str, reach: Reach, after: str, limit: int) -> list[str]:
        """By name, from the one after `after` on. `health`: of the worst placement as it is now, or `bad`."""
        if reach.is_empty:
            return []
        where = Where()
        where.parts = [f"n.service > {where.put(after)}"]
        where.contains("n.service", text)
        self._somewhere(where, reach)
        if health:
            of = "inventory_services s where s.service = n.service"
            of += f" and s.cluster in {where.listed(reach.names)}" if reach.names is not None else ""
            of = f"select max({where.now(reach, 's.worst')}) from {of}"  # noqa: S608
            ranks = [one.rank for one in Health if one.value == health]
            where.parts.append(f"({of}) {f'>= {UNKNOWN}' if health == 'bad' else f'= {(*ranks, -1)[0]}'}")
            if health != Health.HEALTHY and not reach.unsure:
                where.parts.append("n.service in (select service from inventory_services where worst > 0)")
        query = f"select service from inventory_names n where {where.sql} order by service limit {int(limit)}"  # noqa: S608
        return [str(row["service"]) for row in self._database.rows(query, **where.values)]

    def search(self, text: str, reach: Reach, limit: int, *, inside: bool) -> list[str]:
        """Names that begin with a text in lower case, or have it inside."""
        if reach.is_empty:
            return []
        where = Where()
        if inside:
            where.contains("service", text)
        else:
            where.begins("service", text)
        self._somewhere(where, reach)
        query = f"select service from inventory_names n where {where.sql} order by service limit {int(limit)}"  # noqa: S608
        return [str(row["service"]) for row in self._database.rows(query, **where.values)]

    def placed(self, services: Sequence[str], reach: Reach) -> list[Placed]:
        """What runs of some services; at most a few hundred."""
        if reach.is_empty or not services:
            return []
        where = Where()
        now = where.now(reach)
        where.parts = [_PLACED]
        where.among("service", services)
        where.within(reach)
        bad = f"cast(sum(case when {now} >= {UNKNOWN} then 1 else 0 end) as bigint) as bad"
        query = f"select service, version, count(*) as number, {bad} from inventory_objects where {where.sql}"  # noqa: S608
        return [
            Placed(
                service=str(row["service"]),
                version=str(row["version"]),
                number=Node(row).need_whole("number"),
                bad=Node(row).need_whole("bad"),
            )
            for row in self._database.rows(f"{query} group by service, version", **where.values)
        ]

    def clusters(self, services: Sequence[str], reach: Reach) -> dict[str, int]:
        """In how many clusters each of some services is."""
        if reach.is_empty or not services:
            return {}
        where = Where()
        where.among("service", services)
        where.within(reach)
        query = f"select service, count(distinct cluster) as number from inventory_services where {where.sql}"  # noqa: S608
        rows = self._database.rows(f"{query} group by service", **where.values)
        return {str(row["service"]): Node(row).need_whole("number") for row in rows}

    def not_healthy(self, services: Sequence[str], reach: Reach) -> Iterable[ObjectRow]:
        """Placements of some services that are not healthy now, as their rows have them."""
        if reach.is_empty or not services:
            return []
        where = Where()
        where.parts = [_PLACED]
        where.among("service", services)
        where.within(reach)
        silent = f" or cluster in {where.listed(reach.unsure)}" if reach.unsure else ""
        where.parts.append(f"(health > 0{silent})")
        query = f"select * from inventory_objects where {where.sql}"  # noqa: S608
        return [object_of(row) for row in self._database.rows(query, **where.values)]

    def environments(self, reach: Reach, limit: int) -> list[ListedEnvironment]:
        """By environment and cluster."""
        if reach.is_empty:
            return []
        where = Where()
        where.parts = ["environment <> ''"]
        where.within(reach)
        query = (
            f"select * from inventory_environments where {where.sql} order by environment, cluster limit {int(limit)}"  # noqa: S608
        )
        return [_environment(Node(row)) for row in self._database.rows(query, **where.values)]


def _environment(row: Node) -> ListedEnvironment:
    return ListedEnvironment(
        cluster=row.need_text("cluster"),
        environment=row.need_text("environment"),
        services=row.need_whole("services"),
        bad=row.need_whole("bad"),
        mixed=row.need_whole("mixed"),
        versions=row.need_whole("versions"),
    )
