"""Events of the clusters, newest first."""

from __future__ import annotations

from activities.inventory.reach import Reach, Where
from activities.inventory.rows import event_of
from activities.storage.schema import Rows
from domain.inventory.model import EventRow

Moment = tuple[float, str, str]
"""When it was last, its cluster and its uid: the order of lists, backwards."""
_NEWEST = "order by last_at desc, cluster desc, uid desc"


class EventLists:
    """Works on any `Rows`."""

    def __init__(self, database: Rows) -> None:
        self._database = database

    def page(self, reach: Reach, namespace: str, before: Moment | None, limit: int, *, going: bool) -> list[EventRow]:
        """From the one before `before` on. `going`: only those that have not ended."""
        where = Where()
        where.within(reach)
        where.equal("namespace", namespace)
        if going:
            where.parts.append("ended_at = 0")
        if before:
            where.parts.append(f"(last_at, cluster, uid) < {where.listed(before)}")
        return self._read(where, limit)

    def of(self, cluster: str, kind: str, namespace: str, name: str, limit: int) -> list[EventRow]:
        """Of one object."""
        where = Where()
        where.equal("cluster", cluster)
        where.parts.append(f"namespace = {where.put(namespace)}")
        where.equal("kind", kind)
        where.equal("name", name)
        return self._read(where, limit)

    def _read(self, where: Where, limit: int) -> list[EventRow]:
        query = f"select * from inventory_events where {where.sql} {_NEWEST} limit {int(limit)}"  # noqa: S608
        return [event_of(row) for row in self._database.rows(query, **where.values)]
