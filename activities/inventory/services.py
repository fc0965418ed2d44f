"""Services, and the versions of environments, by what runs in the clusters."""

from __future__ import annotations

from collections.abc import Sequence
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

    def not_well(self, reach: Reach) -> dict[str, tuple[Health, int]]:
        """Services that are not healthy now: the worst of each, and how many placements are bad where we know it."""
        if reach.is_empty:
            return {}
        where = Where()
        where.parts = ["worst > 0"]
        where.within(reach)
        if reach.unsure:
            where.parts.append(f"cluster not in {where.listed(reach.unsure)}")
        query = "select service, max(worst) as worst, cast(sum(bad) as bigint) as bad from inventory_services"
        rows = self._database.rows(f"{query} where {where.sql} group by service", **where.values)
        found = {str(row["service"]): (health_of(row["worst"]), Node(row).need_whole("bad")) for row in rows}
        for name in self._silent(reach):
            worst, bad = found.get(name, (Health.UNKNOWN, 0))
            found[name] = max(worst, Health.UNKNOWN, key=lambda one: one.rank), bad
        return found

    def _silent(self, reach: Reach) -> list[str]:
        """Services that have a placement in a cluster that is not heard of."""
        if not reach.unsure:
            return []
        where = Where()
        self._somewhere(where, Reach(names=reach.unsure))
        query = f"select service from inventory_names n where {where.sql}"  # noqa: S608
        return [str(row["service"]) for row in self._database.rows(query, **where.values)]

    def number(self, reach: Reach) -> int:
        """How many services there are; 0 also in a home that has no records yet."""
        if reach.is_empty:
            return 0
        where = Where()
        self._somewhere(where, reach)
        query = f"select count(*) as number from inventory_names n where {where.sql}"  # noqa: S608
        return sum(Node(row).need_whole("number") for row in self._database.rows(query, **where.values))

    def _somewhere(self, where: Where, reach: Reach) -> None:
        """A name that has a placement in a cluster that may be read; asked of each only where a cluster is hidden."""
        if reach.names is None:
            return
        names = where.listed(reach.names)
        hidden = f"select 1 from inventory_clusters where name not in {names}"  # noqa: S608
        hidden += f" union all select 1 from inventory_watches where cluster not in {names}"  # noqa: S608
        of = f"s.service = n.service and s.cluster in {names}"
        where.parts.append(f"(not exists ({hidden}) or exists (select 1 from inventory_services s where {of}))")  # noqa: S608

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

    def worst_placements(self, services: Sequence[str], reach: Reach) -> dict[str, ObjectRow]:
        """Of some services that are not healthy now, by service: as its row has it."""
        if reach.is_empty or not services:
            return {}
        where = Where()
        where.parts = [_PLACED]
        where.among("service", services)
        where.within(reach)
        now = where.now(reach)
        where.parts.append(f"{now} > 0")
        order = f"{now} desc, cluster, namespace, kind, name"
        place = f"row_number() over (partition by service order by {order}) as place"
        query = f"select * from (select *, {place} from inventory_objects where {where.sql}) as placed where place = 1"  # noqa: S608
        rows = map(object_of, self._database.rows(query, **where.values))
        return {row.service: row for row in rows}

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
