"""The table of sessions, by the hash of the secret that the client holds."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import (
    Column,
    Connection,
    Delete,
    Double,
    Integer,
    RowMapping,
    Table,
    Text,
    bindparam,
    delete,
    insert,
    or_,
    select,
    update,
)

from activities.storage.changes import Topic, note
from activities.storage.database import METADATA, Database
from domain.access.session import IDLE_S, MOST_S, Session, Way

MOST_OF_A_PERSON = 50
SESSIONS = Table(
    "sessions",
    METADATA,
    Column("hash", Text, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("person", Text, nullable=False, index=True),
    Column("way", Text, nullable=False),
    Column("browser", Integer, nullable=False),
    Column("began_at", Double, nullable=False),
    Column("seen_at", Double, nullable=False),
    Column("authenticated_at", Double, nullable=False),
    Column("second_factor_at", Double, nullable=False),
    Column("address", Text, nullable=False),
    Column("agent", Text, nullable=False),
    Column("provider", Text, nullable=False),
    Column("provider_session", Text, nullable=False),
    Column("provider_subject", Text, nullable=False),
)
_C = SESSIONS.c
_ROW = select(*(column for column in _C if column.name != "hash"))
_ONE = _ROW.where(_C.hash == bindparam("hash"))
_OF = _ROW.where(_C.person == bindparam("person")).order_by(_C.seen_at.desc())
_TOUCH = update(SESSIONS).where(_C.id == bindparam("which")).values(seen_at=bindparam("now"))
_END = delete(SESSIONS).where(_C.id == bindparam("which"))
_END_ALL = delete(SESSIONS).where(_C.person == bindparam("who"))
_OF_PROVIDER = delete(SESSIONS).where(_C.provider == bindparam("issuer"))
_END_OF_SID = _OF_PROVIDER.where(_C.provider_session == bindparam("value"))
_END_OF_SUB = _OF_PROVIDER.where(_C.provider_subject == bindparam("value"))
_OVER = delete(SESSIONS).where(
    or_(_C.began_at < bindparam("oldest"), (_C.browser == 1) & (_C.seen_at < bindparam("idle_since")))
)


class SessionStore:
    """The secret is never here: a copy of the table logs nobody in."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self, hash_: str, session: Session, replaces: str = "", also: Callable[[Connection], object] | None = None
    ) -> None:
        """Begins one. `replaces`: id of the session whose secret ends with this one, in the same transaction.

        `also` is done last in that transaction: the entry of the audit.
        """
        over = {"oldest": session.began_at - MOST_S, "idle_since": session.began_at - IDLE_S}
        row = {**vars(session), "hash": hash_, "way": session.way.value, "browser": int(session.browser)}
        with self._database.write() as connection:
            connection.execute(_OVER, over)
            if replaces:
                connection.execute(_END, {"which": replaces})
            ids = [one.id for one in connection.execute(_OF, {"person": session.person})]
            for old in ids[MOST_OF_A_PERSON - 1 :]:
                connection.execute(_END, {"which": old})
            connection.execute(insert(SESSIONS), row)
            if also is not None:
                also(connection)

    def get(self, hash_: str) -> Session | None:
        """None: no such session, or it was ended. Whether it is over by its age is for the caller to ask."""
        rows = self._database.select(_ONE, hash=hash_)
        return _session(rows[0]) if rows else None

    def of(self, person: str) -> tuple[Session, ...]:
        """Last seen first."""
        return tuple(_session(row) for row in self._database.select(_OF, person=person))

    def by_id(self, id_: str) -> Session | None:
        """By its public id."""
        rows = self._database.select(_ROW.where(_C.id == bindparam("which")), which=id_)
        return _session(rows[0]) if rows else None

    def touch(self, id_: str, now: float) -> None:
        """Seen just now."""
        self._database.execute(_TOUCH, {"which": id_, "now": now})

    def end(self, id_: str) -> None:
        """At once: what is open of it is told to look again. Does nothing for an unknown one."""
        self._ended(_END, which=id_)

    def end_all(self, person: str) -> None:
        """Of one that is disabled, removed or recovered."""
        self._ended(_END_ALL, who=person)

    def end_of_provider(self, issuer: str, session: str, subject: str) -> int:
        """OIDC Back-Channel Logout 1.0: by `sid`, else all of a `sub`. How many ended; two empty texts mean none."""
        if not (session or subject):
            return 0
        return self._ended(_END_OF_SID if session else _END_OF_SUB, issuer=issuer, value=session or subject)

    def _ended(self, statement: Delete, **values: str) -> int:
        with self._database.write() as connection:
            found = connection.execute(statement.returning(_C.person), values).scalars().all()
            note(connection, Topic.ACCESS, (f"person:{one}" for one in found))
            return len(found)


def _session(row: RowMapping) -> Session:
    return Session(**{**row, "way": Way(row["way"]), "browser": bool(row["browser"])})
