"""Writes the inventory: rows, how many there are, events with their end, and when a cluster was last heard of.

Each call is one transaction. Counts change by exactly what the rows do, so one cluster has one writer at a time: SQLite
has only one anyway, PostgreSQL is asked for a lock.
"""

from __future__ import annotations

import json
import logging
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from contextlib import contextmanager
from dataclasses import asdict, replace
from functools import partial

from sqlalchemy import Connection, Delete, bindparam, delete, func, select, text, tuple_, update
from sqlalchemy.exc import OperationalError, StatementError

from activities.inventory.counting import Counting
from activities.inventory.event_store import EventStore
from activities.inventory.placing import Placing
from activities.inventory.port import ClusterLife
from activities.inventory.refused import RefusedRowsError, apart, why_refused
from activities.inventory.rows import Values, kept, values_of
from activities.inventory.tables import (
    CLUSTERS,
    COUNTS,
    ENVIRONMENTS,
    EVENTS,
    OBJECTS,
    SERVICES,
    TOTALS,
    VERSIONS,
    WATCHES,
)
from activities.inventory.upserts import replacing
from activities.storage.changes import Topic, note
from activities.storage.database import Database
from domain.clusters.lifecycle import Status
from domain.core.documents import Node
from domain.core.errors import SluicewayError
from domain.inventory.dialled import May, may_of
from domain.inventory.model import EventRow, ObjectRow, WatchRow, freshness
from domain.inventory.rollup import DIALS_S, FAILED_KEPT_S
from domain.inventory.rows import REFUSED, unreadable

LOCK = 5_411_065
"""PostgreSQL's advisory lock, for a cluster: an arbitrary unique number."""
AT_ONCE = 300
"""Keys of one look."""
DIALLED_EVERY_S = 10.0
"""How exactly it is known when a worker dialled in."""
Key = tuple[str, str, str]
"""Kind, namespace and name."""
_O = OBJECTS.c
_NAMES = select(_O.namespace, _O.name).where(_O.cluster == bindparam("which"), _O.kind == bindparam("of"))
_NAMES_AFTER = (
    _NAMES.where(tuple_(_O.namespace, _O.name) > tuple_(bindparam("after_namespace"), bindparam("after_name")))
    .order_by(_O.namespace, _O.name)
    .limit(bindparam("most"))
)
_NUMBER = select(func.coalesce(func.sum(TOTALS.c.number), 0).label("number")).where(
    TOTALS.c.cluster == bindparam("which")
)
_SIZE = select(func.coalesce(func.sum(func.length(_O.details) + func.length(_O.reason)), 0).label("size")).where(
    _O.cluster == bindparam("which")
)
_BODY = select(WATCHES.c.body).where(WATCHES.c.cluster == bindparam("which"))
_GONE = delete(OBJECTS).where(
    _O.cluster == bindparam("which"),
    _O.kind == bindparam("of_kind"),
    _O.namespace == bindparam("of_namespace"),
    _O.name == bindparam("of_name"),
)
_BY_CLUSTER = (OBJECTS, COUNTS, TOTALS, SERVICES, VERSIONS, ENVIRONMENTS, WATCHES, EVENTS)
_log = logging.getLogger("sluiceway.inventory")
_TOLD = ("trouble", "trouble_since", "body")
"""What pages show of a watch, beside freshness and whether it is complete."""


class InventoryStore:
    """Implements `InventoryWriter`."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database, self._clock = database, clock
        self._events = EventStore(database)
        self._save = replacing(database, OBJECTS)
        self._heard = replacing(database, WATCHES)
        self._lives = replacing(database, CLUSTERS)
        self._begun = database.insert(WATCHES).on_conflict_do_nothing()

    @contextmanager
    def _writing(self, cluster: str) -> Iterator[Connection]:
        try:
            with self._database.write() as connection:
                if not self._database.is_sqlite:
                    of = {"lock": LOCK, "key": zlib.crc32(cluster.encode()) - 2**31}
                    connection.execute(text("select pg_advisory_xact_lock(:lock, :key)"), of)
                yield connection
        except (StatementError, ValueError, TypeError, OverflowError) as broken:
            what = "the inventory cannot be written"
            if why := why_refused(broken):
                raise RefusedRowsError("SLW808", what, where=cluster, why=why) from broken
            if not isinstance(broken, OperationalError):
                raise
            why = str(broken.orig)[:300]
            raise SluicewayError("SLW808", what, where=cluster, why=why, transient=True) from broken

    def names(self, cluster: str, kind: str) -> set[tuple[str, str]]:
        """See `InventoryWriter`."""
        rows = self._database.select(_NAMES, which=cluster, of=kind)
        return {(row["namespace"], row["name"]) for row in rows}

    def names_after(self, cluster: str, kind: str, after: tuple[str, str], most: int) -> list[tuple[str, str]]:
        """Namespace and name of the rows of a kind after these, in order; at most `most`."""
        rows = self._database.select(
            _NAMES_AFTER, which=cluster, of=kind, after_namespace=after[0], after_name=after[1], most=most
        )
        return [(row["namespace"], row["name"]) for row in rows]

    def may(self, cluster: str) -> May:
        """What the worker in a cluster that dials out was let do when it was last heard of."""
        rows = self._database.select(_BODY, which=cluster)
        return may_of(Node(json.loads(rows[0]["body"]))["may"].text()) if rows else May.WATCH

    def number(self, cluster: str) -> int:
        """How many rows a cluster has, of all kinds."""
        return int(self._database.select(_NUMBER, which=cluster)[0]["number"])

    def size(self, cluster: str) -> int:
        """Bytes of what a cluster's rows say at length. It reads all of them."""
        return int(self._database.select(_SIZE, which=cluster)[0]["size"])

    def apply(self, cluster: str, changed: Sequence[ObjectRow], gone: Iterable[Key] = ()) -> None:
        """See `InventoryWriter`; a row that is both changed and gone is there."""
        stays = {(row.kind, kept(row.namespace), kept(row.name)) for row in changed}
        leaving = {(kind, kept(namespace), kept(name)) for kind, namespace, name in gone} - stays
        apart(changed, partial(self._apply, cluster, leaving), partial(self._unreadable, cluster))

    def _unreadable(self, cluster: str, row: ObjectRow, why: str) -> None:
        """It is shown as one that cannot be, with the reason; where even that is refused, the log says so."""
        shown = unreadable(cluster, row.kind, row.namespace, row.name, why, what=REFUSED)
        apart([shown], partial(self._apply, cluster, set()), _left_out)

    def _apply(self, cluster: str, leaving: Set[Key], changed: Sequence[ObjectRow]) -> None:
        """One transaction.

        Raises:
            RefusedRowsError: it would be refused again.
        """
        if not changed and not leaving:
            return
        with self._writing(cluster) as connection:
            wanted = {_key(row): row for row in (values_of(one) | {"cluster": cluster} for one in changed)}
            known = _known(connection, cluster, [*wanted, *leaving])
            for key, row in wanted.items():
                row["since"] = row["since"] or self._since(row, known.get(key))
            differing = [row for key, row in wanted.items() if row != known.get(key)]
            removed = [known[key] for key in sorted(leaving & known.keys())]
            if not differing and not removed:
                return
            replaced = [known[key] for key in map(_key, differing) if key in known]
            counting, placing = Counting(), Placing(self._database, cluster)
            for sign, rows in ((-1, removed), (-1, replaced), (1, differing)):
                for row in rows:
                    counting.add(row, sign)
                    placing.add(row, sign)
            self._write(connection, cluster, differing, removed)
            counting.write(connection, self._database)
            placing.write(connection)
            note(connection, Topic.FLEET, [cluster])

    def _since(self, row: Values, known: Values | None) -> float:
        """Of a kind that tells no times: since its row says the same."""
        if known is None:
            return float(row["created_at"]) or self._clock()
        same = (known["health"], known["status"]) == (row["health"], row["status"])
        return float(known["since"]) if same else self._clock()

    def _write(
        self, connection: Connection, cluster: str, differing: Sequence[Values], removed: Sequence[Values]
    ) -> None:
        if differing:
            connection.execute(self._begun, _watch_values(WatchRow(cluster=cluster)))
            connection.execute(self._save, differing)
        if removed:
            of = [{f"of_{name}": row[name] for name in ("kind", "namespace", "name")} for row in removed]
            connection.execute(_GONE, [{"which": cluster, **one} for one in of])

    def heard(self, row: WatchRow) -> None:
        """See `InventoryWriter`. A time goes back for nobody; which worker dials in, only `greeted` says."""
        with self._writing(row.cluster) as connection:
            known = connection.execute(select(WATCHES).where(WATCHES.c.cluster == row.cluster)).mappings().one_or_none()
            values = _watch_values(replace(row, worker=_worker_of(known["body"]) if known else ""))
            before = known["heard_at"] if known else 0.0
            values["heard_at"] = max(row.heard_at, before)
            connection.execute(self._heard, values)
            now = self._clock()
            same = known is not None and all(values[name] == known[name] for name in _TOLD)
            fresh = freshness(before, now) is freshness(values["heard_at"], now)
            if not (same and fresh and known and bool(known["synced_at"]) is bool(row.synced_at)):
                note(connection, Topic.FLEET, [row.cluster])

    def dialled(self, cluster: str, at: float) -> None:
        """The worker in a cluster that dials out was heard of. Written at most each `DIALLED_EVERY_S`; pages are told
        where it was silent.
        """
        late = WATCHES.c.dialled_at < at - DIALLED_EVERY_S
        with self._writing(cluster) as connection:
            connection.execute(self._begun, _watch_values(WatchRow(cluster=cluster)))
            before = connection.execute(select(WATCHES.c.dialled_at).where(WATCHES.c.cluster == cluster)).scalar_one()
            connection.execute(update(WATCHES).where(WATCHES.c.cluster == cluster, late).values(dialled_at=at))
            if at - before > DIALS_S:
                note(connection, Topic.FLEET, [cluster])

    def greeted(self, cluster: str, version: str) -> None:
        """The worker in a cluster has told its version. Pages are told where it is another one."""
        with self._writing(cluster) as connection:
            connection.execute(self._begun, _watch_values(WatchRow(cluster=cluster)))
            body = connection.execute(select(WATCHES.c.body).where(WATCHES.c.cluster == cluster)).scalar_one()
            if _worker_of(body) != version:
                said = json.dumps({**json.loads(body), "worker": version}, sort_keys=True)
                connection.execute(update(WATCHES).where(WATCHES.c.cluster == cluster).values(body=said))
                note(connection, Topic.FLEET, [cluster])

    def warn(self, cluster: str, events: Sequence[EventRow]) -> None:
        """See `InventoryWriter`. Kept for a week, the newest of a cluster."""
        if events:
            apart(events, partial(self._warn, cluster), _left_out)

    def _warn(self, cluster: str, events: Sequence[EventRow]) -> None:
        with self._writing(cluster) as connection:
            if self._events.save(connection, cluster, events, self._clock()):
                note(connection, Topic.FLEET, [cluster])

    def end_events(
        self, cluster: str, about: Iterable[str], at: float, because: str, *, events: Iterable[str] = ()
    ) -> None:
        """See `InventoryWriter`."""
        with self._writing(cluster) as connection:
            if self._events.end(connection, cluster, (about, events), at, because):
                note(connection, Topic.FLEET, [cluster])

    def going(self, cluster: str) -> Sequence[EventRow]:
        """See `InventoryWriter`."""
        return self._events.going(cluster)

    def lives(self, life: ClusterLife) -> None:
        """See `InventoryWriter`; without a status it is known no longer."""
        if not life.status:
            self.forget(life.name)
            return
        values = {name: kept(value) if isinstance(value, str) else value for name, value in asdict(life).items()}
        with self._writing(life.name) as connection:
            known = connection.execute(select(CLUSTERS).where(CLUSTERS.c.name == life.name)).mappings().one_or_none()
            if known is None or dict(known) != values:
                connection.execute(self._lives, values)
                note(connection, Topic.FLEET, [life.name])

    def forget(self, cluster: str) -> None:
        """See `InventoryWriter`."""
        with self._writing(cluster) as connection:
            Placing(self._database, cluster).forget(connection)
            gone = [
                connection.execute(delete(table).where(table.c.cluster == cluster)).rowcount for table in _BY_CLUSTER
            ]
            gone.append(connection.execute(self._over(cluster)).rowcount)
            if any(gone):
                note(connection, Topic.FLEET, [cluster])

    def _over(self, cluster: str) -> Delete:
        """The life of one that is gone, and of all whose creation failed long ago."""
        failed = CLUSTERS.c.status == Status.FAILED.value
        old = failed & (CLUSTERS.c.since < self._clock() - FAILED_KEPT_S)
        return delete(CLUSTERS).where(((CLUSTERS.c.name == cluster) & ~failed) | old)


def _left_out(row: ObjectRow | EventRow, why: str) -> None:
    _log.warning("a row of cluster %s is left out: %s: %r", row.cluster, why, row.name)


def _key(row: Values) -> Key:
    return row["kind"], row["namespace"], row["name"]


def _known(connection: Connection, cluster: str, keys: Sequence[Key]) -> dict[Key, Values]:
    """The rows that there are."""
    found: dict[Key, Values] = {}
    for start in range(0, len(keys), AT_ONCE):
        of = tuple_(_O.kind, _O.namespace, _O.name).in_(keys[start : start + AT_ONCE])
        rows = connection.execute(select(OBJECTS).where(_O.cluster == cluster, of)).mappings()
        found |= {_key(values): values for values in map(dict, rows)}
    return found


def _worker_of(body: str) -> str:
    return str(json.loads(body).get("worker", ""))


def _watch_values(row: WatchRow) -> Values:
    body = {
        "version": row.version,
        "certificates": [asdict(one) for one in row.certificates],
        "unwatched": dict(row.unwatched),
        "worker": row.worker,
        **({"may": row.may} if row.may else {}),
    }
    return {
        "cluster": row.cluster,
        "heard_at": row.heard_at,
        "synced_at": row.synced_at,
        "trouble": kept(row.trouble),
        "trouble_since": row.trouble_since,
        "dialled_at": row.dialled_at,
        "body": json.dumps(body, sort_keys=True),
    }
