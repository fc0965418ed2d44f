"""The table of exec sessions: asked for by a ticket, under way, and ended. The audit has them for ever."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Double,
    Index,
    Integer,
    RowMapping,
    Table,
    Text,
    and_,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from activities.storage.database import METADATA, Database
from domain.core.errors import RefusedError
from domain.pods.exec_session import LOST_S, TICKET_S, ExecTarget, too_many

KEPT_S = 90 * 86_400.0
"""How long an ended session stays in the list."""
EXEC_SESSIONS = Table(
    "exec_sessions",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("ticket", Text, nullable=False),
    *(Column(name, Text, nullable=False) for name in ("person", "principal", "login", "address")),
    *(Column(name, Text, nullable=False) for name in ("cluster", "namespace", "pod", "container", "command")),
    Column("tty", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("asked_at", Double, nullable=False),
    *(Column(name, Double) for name in ("begun_at", "seen_at", "ended_at")),
    *(Column(name, Text, nullable=False) for name in ("end_by", "end_reason", "why", "recording")),
    Column("exit_code", Integer),
    *(Column(name, BigInteger, nullable=False) for name in ("bytes_in", "bytes_out")),
    Index("exec_sessions_by_ticket", "ticket"),
    Index("exec_sessions_open", "ended_at", "seen_at"),
    Index("exec_sessions_by_start", "begun_at", "id"),
)
_C = EXEC_SESSIONS.c
_COLUMNS = select(*(column for column in _C if column.name != "ticket"))
_OPEN = and_(
    _C.ended_at.is_(None),
    or_(
        and_(_C.begun_at.is_(None), _C.asked_at >= bindparam("asked_since")),
        and_(_C.begun_at.is_not(None), _C.seen_at >= bindparam("seen_since")),
    ),
)
_COUNT = select(func.count().filter(_C.person == bindparam("who")), func.count()).where(_OPEN)
_REDEEM = (
    update(EXEC_SESSIONS)
    .where(_C.ticket == bindparam("hash"), _C.begun_at.is_(None), _C.asked_at >= bindparam("since"))
    .values(begun_at=bindparam("now"), seen_at=bindparam("now"), ticket="")
    .returning(_C.id)
)
_OVER = delete(EXEC_SESSIONS).where(
    or_(
        and_(_C.begun_at.is_(None), _C.asked_at < bindparam("asked_since")),
        and_(_C.ended_at.is_not(None), _C.ended_at < bindparam("ended_since")),
    )
)
_LOST = _COLUMNS.where(_C.begun_at.is_not(None), _C.ended_at.is_(None), _C.seen_at < bindparam("seen_since"))


@dataclass(frozen=True, kw_only=True)
class ExecSession:
    """One of them. Times are seconds since the epoch."""

    id: str
    person: str
    """Id of the principal whose rights are used."""
    principal: str
    """Id of who asked: the person, or a token of theirs."""
    login: str = ""
    """Public id of the login or token that it is bound to."""
    address: str = ""
    target: ExecTarget
    reason: str = ""
    asked_at: float
    begun_at: float | None = None
    seen_at: float | None = None
    ended_at: float | None = None
    end_by: str = ""
    """Who has ended it, if somebody has."""
    end_reason: str = ""
    why: str = ""
    """How it ended."""
    exit_code: int | None = None
    bytes_in: int = 0
    bytes_out: int = 0
    recording: str = ""
    """Digest."""


class ExecStore:
    """A ticket is never here, only its hash: a copy of the table opens nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def ask(self, session: ExecSession, hash_: str) -> None:
        """A ticket for one.

        Raises:
            RefusedError: SLW461, too many are open.
        """
        now = session.asked_at
        with self._database.exclusive() as connection:
            connection.execute(_OVER, {"asked_since": now - TICKET_S, "ended_since": now - KEPT_S})
            _room(connection, session.person, now)
            connection.execute(insert(EXEC_SESSIONS), {**_row(session), "ticket": hash_})

    def redeem(self, hash_: str, now: float) -> ExecSession | None:
        """The session of a ticket, which nobody can redeem again. None: no ticket, used before, or too old."""
        with self._database.write() as connection:
            id_ = connection.execute(_REDEEM, {"hash": hash_, "since": now - TICKET_S, "now": now}).scalar()
            if id_ is None:
                return None
            return _session(connection.execute(_COLUMNS.where(_C.id == id_)).mappings().one())

    def look(self, id_: str, now: float, bytes_in: int, bytes_out: int) -> tuple[str, str]:
        """Says that it is alive; who has ended it and why, if somebody has."""
        alive = update(EXEC_SESSIONS).where(_C.id == id_, _C.ended_at.is_(None))
        values = {"seen_at": now, "bytes_in": bytes_in, "bytes_out": bytes_out}
        with self._database.write() as connection:
            found = connection.execute(alive.values(values)).rowcount == 1
            row = connection.execute(select(_C.end_by, _C.end_reason).where(_C.id == id_)).one_or_none()
        if row is None or not (found or row.end_by):
            return "nobody", "it is taken for ended, or its row is gone"
        return row.end_by, row.end_reason

    def end(self, id_: str, by: str, reason: str) -> bool:
        """Asks its process to end it, which happens within seconds. False: it is not under way."""
        statement = update(EXEC_SESSIONS).where(_C.id == id_, _C.begun_at.is_not(None), _C.ended_at.is_(None))
        with self._database.write() as connection:
            return connection.execute(statement.values(end_by=by, end_reason=reason)).rowcount == 1

    def close(self, id_: str, now: float, why: str, **values: str | float | None) -> bool:
        """It has ended. False: that is known already. `values`: `exit_code`, `recording`, `bytes_in`, `bytes_out`."""
        statement = update(EXEC_SESSIONS).where(_C.id == id_, _C.ended_at.is_(None))
        with self._database.write() as connection:
            return connection.execute(statement.values(ended_at=now, why=why, **values)).rowcount == 1

    def lost(self, now: float) -> list[ExecSession]:
        """Those whose process is gone."""
        return [_session(row) for row in self._database.select(_LOST, seen_since=now - LOST_S)]

    def get(self, id_: str) -> ExecSession | None:
        """One that has begun."""
        rows = self._database.select(_COLUMNS.where(_C.id == bindparam("which"), _C.begun_at.is_not(None)), which=id_)
        return _session(rows[0]) if rows else None

    def page(self, before: tuple[float, str] | None, most: int, *, running: bool = False) -> list[ExecSession]:
        """Newest first; `before`: time and id of the last row of the page before."""
        wanted = _COLUMNS.where(_C.begun_at.is_not(None))
        if running:
            wanted = wanted.where(_C.ended_at.is_(None))
        if before is not None:
            at, id_ = before
            wanted = wanted.where(or_(_C.begun_at < at, and_(_C.begun_at == at, _C.id < id_)))
        ordered = wanted.order_by(_C.begun_at.desc(), _C.id.desc()).limit(most)
        return [_session(row) for row in self._database.select(ordered)]


def _room(connection: Connection, person: str, now: float) -> None:
    since = {"asked_since": now - TICKET_S, "seen_since": now - LOST_S}
    of_person, of_all = connection.execute(_COUNT, {"who": person, **since}).one()
    if why := too_many(of_person, of_all):
        raise RefusedError("SLW461", "too many exec sessions are open", why=why)


def _row(session: ExecSession) -> Mapping[str, Any]:
    """Columns of the table; the values are of its types."""
    target = session.target
    plain = {key: value for key, value in vars(session).items() if key != "target"}
    return {**plain, **vars(target), "command": json.dumps(target.command), "tty": int(target.tty)}


def _session(row: RowMapping) -> ExecSession:
    parts = ("cluster", "namespace", "pod", "container")
    target = ExecTarget(**{name: row[name] for name in parts}, command=tuple(json.loads(row["command"])))
    rest = {key: value for key, value in row.items() if key not in (*parts, "command", "tty")}
    return ExecSession(**rest, target=replace(target, tty=bool(row["tty"])))
