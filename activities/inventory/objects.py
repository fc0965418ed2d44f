"""Objects of the clusters, page by page, and how many there are under the same filter."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from activities.inventory.reach import Reach, Where
from activities.inventory.rows import health_of, object_of
from activities.storage.schema import Rows
from domain.core.documents import Node
from domain.inventory.model import Health, ObjectRow, kinds_of

Place = tuple[str, str, str, str]
"""Cluster, namespace, name and kind: the order of lists."""
_PLACE = "cluster, namespace, name, kind"
_JOINED = " and ".join(f"o.{name} = p.{name}" for name in _PLACE.split(", "))


@dataclass(frozen=True, kw_only=True)
class WantedObjects:
    """Empty texts filter nothing."""

    kind: str = "Pod"
    """One of `KINDS` or `GROUPS`."""
    namespace: str = ""
    health: str = ""
    """As it is now; `bad`: unknown or degraded; `was-bad`: it was, when its cluster was last heard of."""
    status: str = ""
    node: str = ""
    owner: str = ""
    service: str = ""
    environment: str = ""
    text: str = ""
    """Part of the name; ASCII letters in any case."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """Those that are meant."""
        return kinds_of(self.kind)

    @property
    def is_counted(self) -> bool:
        """Whether the counts know it."""
        return not (self.node or self.owner or self.service or self.environment or self.text)


class ObjectLists:
    """Works on any `Rows`."""

    def __init__(self, database: Rows) -> None:
        self._database = database

    def page(self, wanted: WantedObjects, reach: Reach, after: Place | None, limit: int) -> list[ObjectRow]:
        """By place, from the one after `after` on. Each kind is looked up alone, in the order of its index."""
        if reach.is_empty:
            return []
        where, parts = Where(), list[str]()
        for kind in wanted.kinds:
            where.parts = []
            self._conditions(where, wanted, reach, (kind,))
            if after:
                where.parts.append(f"({_PLACE}) > {where.listed(after)}")
            found = f"select {_PLACE} from inventory_objects where {where.sql} order by {_PLACE} limit {int(limit)}"  # noqa: S608
            parts.append(f"select {_PLACE} from ({found}) as of_kind")  # noqa: S608
        places = f"select {_PLACE} from ({' union all '.join(parts)}) as every order by {_PLACE} limit {int(limit)}"  # noqa: S608
        ordered = ", ".join(f"o.{name}" for name in _PLACE.split(", "))
        query = f"select o.* from ({places}) as p join inventory_objects o on {_JOINED} order by {ordered}"  # noqa: S608
        return [object_of(row) for row in self._database.rows(query, **where.values)]

    def _conditions(self, where: Where, wanted: WantedObjects, reach: Reach, kinds: Sequence[str]) -> None:
        where.among("kind", kinds)
        where.within(reach)
        for column in ("namespace", "status", "node", "owner", "service", "environment"):
            where.equal(column, getattr(wanted, column))
            if column in ("node", "service") and getattr(wanted, column):
                where.parts.append(f"{column} <> ''")  # the index of those that have one
        where.named(wanted.text)
        where.health(reach, wanted.health)

    def counts(self, wanted: WantedObjects, reach: Reach) -> list[tuple[Health, str, int]]:
        """How many are so now, by health and status: from the counts where they know it, else counted."""
        if reach.is_empty:
            return []
        where = Where()
        now = where.now(reach)
        number, table = "sum(number)", "inventory_counts" if wanted.namespace else "inventory_totals"
        if not wanted.is_counted:
            number, table = "count(*)", "inventory_objects"
        self._conditions(where, wanted, reach, wanted.kinds)
        query = f"select {now} as now, status, cast({number} as bigint) as number from {table} where {where.sql}"  # noqa: S608
        rows = self._database.rows(f"{query} group by {now}, status", **where.values)
        return [(health_of(row["now"]), str(row["status"]), Node(row).need_whole("number")) for row in rows]

    def saying(self, wanted: WantedObjects, reach: Reach, name: str, text: str, limit: int) -> list[ObjectRow]:
        """Those whose detail is this text, by place."""
        where = Where()
        self._conditions(where, wanted, reach, wanted.kinds)
        where.parts.append(f"{self._detail(where, name)} = {where.put(text)}")
        query = f"select * from inventory_objects where {where.sql} order by {_PLACE} limit {int(limit)}"  # noqa: S608
        return [object_of(row) for row in self._database.rows(query, **where.values)]

    def _detail(self, where: Where, name: str) -> str:
        document = "details" if self._database.is_sqlite else "cast(details as json)"
        return f"{document} ->> {where.put(name)}"

    def details(self, wanted: WantedObjects, reach: Reach, name: str, limit: int) -> list[tuple[str, str, str, int]]:
        """Cluster, namespace, what a detail says there (JSON of what is no text; empty: nothing), and how many do."""
        if reach.is_empty:
            return []
        where = Where()
        said = self._detail(where, name)
        self._conditions(where, wanted, reach, wanted.kinds)
        query = (
            f"select cluster, namespace, coalesce({said}, '') as said, count(*) as number"  # noqa: S608
            f" from inventory_objects where {where.sql} group by cluster, namespace, said"
            f" order by cluster, namespace, said limit {int(limit)}"
        )
        rows = self._database.rows(query, **where.values)
        return [
            (str(row["cluster"]), str(row["namespace"]), str(row["said"]), Node(row).need_whole("number"))
            for row in rows
        ]

    def one(self, cluster: str, kind: str, namespace: str, name: str) -> ObjectRow | None:
        """None: there is none."""
        query = (
            "select * from inventory_objects where cluster = :cluster and kind = :kind and namespace = :namespace"
            " and name = :name"
        )
        rows = self._database.rows(query, cluster=cluster, kind=kind, namespace=namespace, name=name)
        return next(map(object_of, rows), None)

    def pods_of(self, row: ObjectRow, limit: int) -> list[ObjectRow]:
        """Of a node, or of a workload; the worst first."""
        where = Where()
        where.equal("cluster", row.cluster)
        where.equal("kind", "Pod")
        if row.kind == "Node":
            where.equal("node", row.name)
            where.parts.append("node <> ''")
        else:
            where.equal("namespace", row.namespace)
            where.equal("owner", f"{row.kind}/{row.name}")
        return self._worst(where, limit)

    def pods_with(self, row: ObjectRow, limit: int) -> list[ObjectRow]:
        """Pods in the namespace of a claim whose details name it; the worst first. Names in JSON are quoted."""
        where = Where()
        where.equal("cluster", row.cluster)
        where.equal("kind", "Pod")
        where.equal("namespace", row.namespace)
        where.contains("details", json.dumps(row.name))
        found = self._worst(where, limit * 4)
        return [one for one in found if row.name in Node(one.details)["claims"].texts()][:limit]

    def _worst(self, where: Where, limit: int) -> list[ObjectRow]:
        order = f"order by health desc, namespace, name limit {int(limit)}"
        query = f"select * from inventory_objects where {where.sql} {order}"  # noqa: S608
        return [object_of(row) for row in self._database.rows(query, **where.values)]

    def first(self, wanted: Mapping[str, tuple[str, Health]]) -> dict[str, ObjectRow]:
        """By cluster the one of a kind that has been so for the longest time. Each is one look into an index."""
        where, parts = Where(), list[str]()
        for cluster, (kind, health) in wanted.items():
            where.parts = ["health > 0"]  # the index of what is not healthy
            where.equal("kind", kind)
            where.parts.append(f"health = {where.put(health.rank)}")
            where.equal("cluster", cluster)
            found = f"select * from inventory_objects where {where.sql} order by since, namespace, name limit 1"  # noqa: S608
            parts.append(f"select * from ({found}) as of_cluster")  # noqa: S608
        rows = self._database.rows(" union all ".join(parts), **where.values) if parts else ()
        return {row.cluster: row for row in map(object_of, rows)}

    def named(self, kinds: Sequence[str], text: str, reach: Reach, limit: int, *, inside: bool) -> Iterable[ObjectRow]:
        """Whose names begin with a text in lower case, or have it inside; by name."""
        if reach.is_empty:
            return []
        where, parts = Where(), list[str]()
        for kind in kinds:
            where.parts = []
            where.equal("kind", kind)
            where.within(reach)
            if inside:
                where.named(text)
            else:
                where.begins("name", text)
            found = f"select {_PLACE} from inventory_objects where {where.sql} order by name limit {int(limit)}"  # noqa: S608
            parts.append(f"select {_PLACE} from ({found}) as of_kind")  # noqa: S608
        places = " union all ".join(parts)
        query = f"select o.* from ({places}) as p join inventory_objects o on {_JOINED}"  # noqa: S608
        return [object_of(row) for row in self._database.rows(query, **where.values)]
