"""The table of machine tokens, by the hash of their secret."""

from __future__ import annotations

import json

from sqlalchemy import Column, Delete, Double, RowMapping, Table, Text, bindparam, delete, func, insert, select, update

from activities.access.answer_store import mark
from activities.storage.changes import Topic, note
from activities.storage.database import METADATA, Database
from domain.access.principal import Scope
from domain.access.session import TOUCH_S
from domain.access.token import MOST_OF_A_PERSON, Token
from domain.core.errors import RefusedError

TOKENS = Table(
    "tokens",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("hash", Text, nullable=False, unique=True),
    Column("label", Text, nullable=False),
    Column("owner", Text, nullable=False, index=True),
    Column("workload", Text, nullable=False),
    Column("actions", Text, nullable=False),
    Column("resources", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("expires_at", Double, nullable=False),
    Column("last_used_at", Double, nullable=False),
)
_C = TOKENS.c
_ROW = select(*(column for column in _C if column.name != "hash"))
_ONE = _ROW.where(_C.hash == bindparam("hash"))
_PAGE = _ROW.where(_C.id > bindparam("after")).order_by(_C.id).limit(bindparam("most"))
_COUNT = select(func.count()).select_from(TOKENS).where(_C.owner == bindparam("who"), _C.workload == "")
_TOUCH = (
    update(TOKENS)
    .where(_C.id == bindparam("which"), _C.last_used_at < bindparam("before"))
    .values(last_used_at=bindparam("now"))
)
_END = delete(TOKENS).where(_C.id == bindparam("which"))
_END_ALL = delete(TOKENS).where(_C.owner == bindparam("who"))
_OVER = delete(TOKENS).where(_C.expires_at <= bindparam("now"))


class TokenStore:
    """A token that is revoked or over has no row."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, hash_: str, token: Token) -> None:
        """Raises:
        RefusedError: SLW427, the person has the most that one can have.
        """
        row = {key: value for key, value in vars(token).items() if key != "scope"}
        scope = {name: json.dumps(sorted(getattr(token.scope, name))) for name in ("actions", "resources")}
        with self._database.write() as connection:
            connection.execute(_OVER, {"now": token.created_at})
            if not token.workload and connection.execute(_COUNT, {"who": token.owner}).scalar_one() >= MOST_OF_A_PERSON:
                raise RefusedError("SLW427", f"{token.owner} has {MOST_OF_A_PERSON} tokens", fix="revoke some first")
            mark(connection)
            connection.execute(insert(TOKENS), {**row, **scope, "hash": hash_})

    def get(self, hash_: str) -> Token | None:
        """None: unknown or revoked. Whether it is over by its age is for the caller to ask."""
        rows = self._database.select(_ONE, hash=hash_)
        return _token(rows[0]) if rows else None

    def by_id(self, id_: str) -> Token | None:
        """By its public id."""
        rows = self._database.select(_ROW.where(_C.id == bindparam("which")), which=id_)
        return _token(rows[0]) if rows else None

    def page(self, owner: str, after: str, limit: int) -> list[Token]:
        """By id, those after this one, of a person or, empty, of all."""
        if not owner:
            return [_token(row) for row in self._database.select(_PAGE, after=after, most=limit)]
        rows = self._database.select(_PAGE.where(_C.owner == bindparam("who")), after=after, most=limit, who=owner)
        return [_token(row) for row in rows]

    def touch(self, id_: str, now: float) -> None:
        """Used just now; written at most once a minute."""
        self._database.execute(_TOUCH, {"which": id_, "now": now, "before": now - TOUCH_S})

    def end(self, id_: str) -> None:
        """At once: what is open by it is told to look again. Does nothing for an unknown one."""
        self._ended(_END, which=id_)

    def end_all(self, owner: str) -> None:
        """Of a person that is removed."""
        self._ended(_END_ALL, who=owner)

    def _ended(self, statement: Delete, **values: str) -> None:
        with self._database.write() as connection:
            owners = connection.execute(statement.returning(_C.owner), values).scalars().all()
            note(connection, Topic.ACCESS, (f"person:{one}" for one in owners))


def _token(row: RowMapping) -> Token:
    kept = {key: value for key, value in row.items() if key not in ("actions", "resources")}
    lists = {name: frozenset(json.loads(row[name])) for name in ("actions", "resources")}
    scope = Scope(**lists)
    return Token(**kept, scope=scope)
