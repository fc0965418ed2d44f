"""Writes events of the clusters, with their end: as many as are kept, and no longer than a week."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Executable, and_, bindparam, delete, or_, select, update

from activities.inventory.port import MOST_GOING
from activities.inventory.rows import event_of, kept, values_of_event
from activities.inventory.tables import EVENTS
from activities.inventory.upserts import replacing
from activities.storage.database import Database
from domain.inventory.model import EventRow

KEPT_S = 7 * 86_400.0
KEPT = MOST_GOING
"""Of a cluster, the newest."""
AT_ONCE = 500
_C = EVENTS.c
_KNOWN = select(EVENTS).where(_C.cluster == bindparam("which"), _C.uid.in_(bindparam("uids", expanding=True)))
_OVER = delete(EVENTS).where(_C.cluster == bindparam("which"), _C.last_at < bindparam("before"))
_LAST_KEPT = (
    select(_C.last_at, _C.uid)
    .where(_C.cluster == bindparam("which"))
    .order_by(_C.last_at.desc(), _C.uid.desc())
    .limit(1)
    .offset(bindparam("others"))
)
_OLDER = delete(EVENTS).where(
    _C.cluster == bindparam("which"),
    or_(_C.last_at < bindparam("at"), and_(_C.last_at == bindparam("at"), _C.uid < bindparam("last_uid"))),
)
_GOING = (
    select(EVENTS)
    .where(_C.cluster == bindparam("which"), _C.ended_at == 0)
    .order_by(_C.last_at.desc(), _C.uid.desc())
    .limit(MOST_GOING)
)


def _ended(column: ColumnElement[str]) -> Executable:
    """Of which this column is one of `of`."""
    goes_on = (_C.cluster == bindparam("which"), _C.ended_at == 0, column.in_(bindparam("of", expanding=True)))
    return update(EVENTS).where(*goes_on).values(ended_at=bindparam("at"), ended_because=bindparam("because"))


_ENDED = (_ended(_C.about), _ended(_C.uid))


class EventStore:
    """Within the transactions of others."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._save = replacing(database, EVENTS)

    def save(self, connection: Connection, cluster: str, events: Sequence[EventRow], now: float) -> bool:
        """Whether anything differs."""
        wanted = {row["uid"]: row | {"cluster": cluster} for row in map(values_of_event, events)}
        known = _known(connection, cluster, list(wanted))
        merged = [_merged(row, known.get(uid)) for uid, row in wanted.items()]
        changed = [row for row in merged if row != known.get(row["uid"])]
        if changed:
            connection.execute(self._save, changed)
            _forget_old(connection, cluster, now)
        return bool(changed)

    def end(
        self, connection: Connection, cluster: str, of: tuple[Iterable[str], Iterable[str]], at: float, because: str
    ) -> bool:
        """Whether anything has ended. `of`: UIDs of what events are about, and of events."""
        ended = 0
        for statement, uids in zip(_ENDED, of, strict=True):
            names = sorted(set(map(kept, uids)) - {""})
            for start in range(0, len(names), AT_ONCE):
                values = {"which": cluster, "of": names[start : start + AT_ONCE], "at": at, "because": kept(because)}
                ended += connection.execute(statement, values).rowcount
        return ended > 0

    def going(self, cluster: str) -> list[EventRow]:
        """What has not ended, newest first."""
        return [event_of({**row}) for row in self._database.select(_GOING, which=cluster)]


def _known(connection: Connection, cluster: str, uids: Sequence[str]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for start in range(0, len(uids), AT_ONCE):
        rows = connection.execute(_KNOWN, {"which": cluster, "uids": uids[start : start + AT_ONCE]}).mappings()
        found |= {row["uid"]: dict(row) for row in rows}
    return found


def _merged(row: dict[str, Any], known: dict[str, Any] | None) -> dict[str, Any]:
    """An end that is known stays, unless it happened again later."""
    if not known:
        return row
    first = min(filter(None, (known["first_at"], row["first_at"])), default=0.0)
    stays = known["ended_at"] and row["last_at"] <= known["last_at"] and not row["ended_at"]
    end = {name: known[name] for name in ("ended_at", "ended_because")} if stays else {}
    return row | {"first_at": first} | end


def _forget_old(connection: Connection, cluster: str, now: float) -> None:
    connection.execute(_OVER, {"which": cluster, "before": now - KEPT_S})
    last = connection.execute(_LAST_KEPT, {"which": cluster, "others": KEPT - 1}).one_or_none()
    if last:
        connection.execute(_OLDER, {"which": cluster, "at": last.last_at, "last_uid": last.uid})
