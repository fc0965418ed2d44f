"""Clusters and what is in them, in numbers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from activities.inventory.reach import Reach, Where
from activities.inventory.rows import health_of
from activities.storage.condition import Condition
from activities.storage.schema import Rows
from domain.core.documents import Node, Object
from domain.inventory.model import Certificate, WatchRow
from domain.inventory.rollup import BAD, JUDGED, KnownCluster, Life, Tally

_KNOWN = "select name from inventory_clusters union select cluster from inventory_watches"
_SUMS = ", ".join(f"cast(sum({name}) as bigint) as {name}" for name in ("number", "cpu_m", "memory_mb"))
_JUDGED = tuple(kind for kinds in JUDGED.values() for kind in kinds)


class ClusterLists:
    """Works on any `Rows`."""

    def __init__(self, database: Rows) -> None:
        self._database = database

    def names(self, may: Condition) -> list[str]:
        """Of all clusters of which anything is known; `may`: on a column `cluster`."""
        query = f"select cluster from (select name as cluster from ({_KNOWN}) as known) as named where {may.sql}"  # noqa: S608
        return sorted(Node(row).need_text("cluster") for row in self._database.rows(query, **may.values))

    def known(self, names: Iterable[str]) -> dict[str, KnownCluster]:
        """By name; all are read, since they are few."""
        lives = {str(row["name"]): Node(row) for row in self._database.rows("select * from inventory_clusters")}
        watches = {str(row["cluster"]): Node(row) for row in self._database.rows("select * from inventory_watches")}
        empty = Node({})
        return {name: _known(name, lives.get(name, empty), watches.get(name, empty)) for name in names}

    def one(self, name: str) -> KnownCluster | None:
        """None: nothing is known of it."""
        lives = self._database.rows("select * from inventory_clusters where name = :name", name=name)
        watches = self._database.rows("select * from inventory_watches where cluster = :name", name=name)
        empty = Node({})
        life, watch = (next(map(Node, found), empty) for found in (lives, watches))
        return _known(name, life, watch) if lives or watches else None

    def tallies(self, reach: Reach) -> dict[str, list[Tally]]:
        """Of whole clusters, by name, without statuses."""
        where = Where()
        where.within(reach)
        query = f"select cluster, kind, health, {_SUMS} from inventory_totals where {where.sql}"  # noqa: S608
        rows = self._database.rows(f"{query} group by cluster, kind, health", **where.values)
        return _grouped((str(row["cluster"]), _tally(row)) for row in rows)

    def bad_since(self, reach: Reach) -> dict[str, float]:
        """Since when the oldest of what is wrong in each cluster is so, by its rows."""
        where = Where()
        where.within(reach)
        where.among("kind", _JUDGED)
        where.parts += [f"health >= {BAD[0].rank}", "health > 0"]
        query = f"select cluster, min(since) as since from inventory_objects where {where.sql} group by cluster"  # noqa: S608
        return {
            str(row["cluster"]): Node(row).need_number("since") for row in self._database.rows(query, **where.values)
        }

    def namespace_tallies(self, cluster: str, namespaces: Sequence[str]) -> dict[str, list[Tally]]:
        """Of namespaces in a cluster, by name; at most a few hundred."""
        where = Where()
        where.equal("cluster", cluster)
        where.among("kind", (*_JUDGED, "NetworkPolicy"))
        where.among("namespace", namespaces)
        rows = self._database.rows(f"select * from inventory_counts where {where.sql}", **where.values)  # noqa: S608
        return _grouped((str(row["namespace"]), _tally(row)) for row in rows)

    def quotas(self, cluster: str, namespaces: Sequence[str]) -> dict[str, int]:
        """Percent of the fullest resource of the quotas of namespaces in a cluster; without those that have none."""
        where = Where()
        where.equal("cluster", cluster)
        where.equal("kind", "ResourceQuota")
        where.among("namespace", namespaces)
        query = f"select namespace, max(wanted) as fullest from inventory_objects where {where.sql} group by namespace"  # noqa: S608
        rows = map(Node, self._database.rows(query, **where.values))
        return {row.need_text("namespace"): row.need_whole("fullest") for row in rows}


def _grouped(found: Iterable[tuple[str, Tally]]) -> dict[str, list[Tally]]:
    by: dict[str, list[Tally]] = {}
    for name, one in found:
        by.setdefault(name, []).append(one)
    return by


def _tally(row: Object) -> Tally:
    node = Node(row)
    return Tally(
        kind=node.need_text("kind"),
        status=node["status"].text(),
        health=health_of(row["health"]),
        number=node.need_whole("number"),
        cpu_m=node.need_whole("cpu_m"),
        memory_mb=node.need_whole("memory_mb"),
    )


def _known(name: str, life: Node, watch: Node) -> KnownCluster:
    body = _json(life)
    return KnownCluster(
        name=name,
        provider=life["provider"].text(),
        life=Life(
            status=life["status"].text(),
            waits_for=life["waits_for"].text(),
            reason=life["reason"].text(),
            since=life["since"].number(),
        ),
        drift=body["drift"].whole(),
        guarded=body["guarded"].value is True,
        dials_out=body["dials_out"].value is True,
        watch=_watch(name, watch),
    )


def _watch(name: str, row: Node) -> WatchRow:
    body = _json(row)
    unwatched: Mapping[str, str] = body["unwatched"].strings()
    return WatchRow(
        cluster=name,
        heard_at=row["heard_at"].number(),
        synced_at=row["synced_at"].number(),
        trouble=row["trouble"].text(),
        trouble_since=row["trouble_since"].number(),
        dialled_at=row["dialled_at"].number(),
        version=body["version"].text(),
        certificates=tuple(
            Certificate(name=one["name"].text(), until=one["until"].number(), issuer=one["issuer"].text())
            for one in body["certificates"]
        ),
        unwatched=dict(unwatched),
        worker=body["worker"].text(),
        may=body["may"].text(),
    )


def _json(row: Node) -> Node:
    try:
        return Node(json.loads(row["body"].text() or "{}"))
    except ValueError:  # what a workflow told is no JSON
        return Node({})
