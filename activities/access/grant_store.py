"""The table of grants and shares. Revoked ones stay: the audit and old verdicts name them."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import (
    Column,
    Connection,
    Double,
    Index,
    Integer,
    RowMapping,
    Select,
    Table,
    Text,
    bindparam,
    insert,
    or_,
    select,
    update,
)

from activities.storage.changes import Topic, note
from activities.storage.database import METADATA, Database
from domain.access.grants import Grant, GrantKind
from domain.access.role import Role

GRANTS = Table(
    "grants",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    *(Column(name, Text, nullable=False) for name in ("kind", "principal", "role", "resource", "given_by")),
    *(Column(name, Double, nullable=False) for name in ("at", "until", "revoked_at")),
    Column("revoked_by", Text, nullable=False),
    Index("grants_of_resource", "resource", "principal"),
    Index("grants_of_principal", "principal", "resource"),
    Index("grants_by_giver", "given_by", "kind"),
)
_LIVE = (GRANTS.c.revoked_at == 0) & or_(GRANTS.c.until == 0, GRANTS.c.until > bindparam("now"))
_ADD = insert(GRANTS).returning(GRANTS.c.id)
_REVOKE = (
    update(GRANTS)
    .where(GRANTS.c.id == bindparam("which"), GRANTS.c.revoked_at == 0)
    .values(revoked_at=bindparam("when"), revoked_by=bindparam("who"))
)
_LISTED = select(GRANTS).where(_LIVE, GRANTS.c.id > bindparam("after")).order_by(GRANTS.c.id).limit(bindparam("most"))
FEW = 20
"""Principals of one asker that are asked for by name, instead of looking first which of them hold anything."""


class GrantStore:
    """Reads what holds at a moment; keeps nothing in memory."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, connection: Connection, grant: Grant) -> Grant:
        """A new one: its `id` is given here."""
        values = {name: getattr(grant, name) for name in ("kind", "principal", "role", "resource", "at", "until")}
        row = {**values, "given_by": grant.by, "revoked_at": 0.0, "revoked_by": ""}
        id_ = connection.execute(_ADD, row).scalar_one()
        note(connection, Topic.ACCESS, [grant.principal])
        return Grant(**{**vars(grant), "id": id_})

    def revoke(self, connection: Connection, id_: int, by: str, now: float) -> bool:
        """Whether it was there and not revoked yet."""
        revoked = connection.execute(_REVOKE, {"which": id_, "when": now, "who": by}).rowcount == 1
        note(connection, Topic.ACCESS, [f"grant/{id_}"] if revoked else ())
        return revoked

    def get(self, id_: int) -> Grant | None:
        """Also one that has ended or was revoked."""
        rows = self._database.select(select(GRANTS).where(GRANTS.c.id == bindparam("which")), which=id_)
        return _grant(rows[0]) if rows else None

    def page(self, principal: str, after: int, limit: int, now: float) -> tuple[Grant, ...]:
        """Those that hold, of a principal or, empty, of all; oldest first."""
        query = _LISTED.where(GRANTS.c.principal == bindparam("of")) if principal else _LISTED
        values: dict[str, str | float] = {"of": principal} if principal else {}
        return self._read(query, after=after, most=limit, now=now, **values)

    def of(self, holders: Collection[str], resources: Collection[str], now: float) -> tuple[Grant, ...]:
        """What these principals have on these resources: the slice that one decision needs."""
        query = select(GRANTS).where(_LIVE, GRANTS.c.resource.in_(sorted(resources)))
        return self._read(query.where(GRANTS.c.principal.in_(sorted(holders))).order_by(GRANTS.c.id), now=now)

    def on(self, resources: Collection[str], now: float) -> tuple[Grant, ...]:
        """What anybody has on these resources."""
        return self._read(select(GRANTS).where(_LIVE, GRANTS.c.resource.in_(sorted(resources))), now=now)

    def holding(self, holders: Collection[str], now: float) -> tuple[str, ...]:
        """Those of the principals that may hold anything, sorted: of many, only those that do."""
        if len(holders) <= FEW:
            return tuple(sorted(holders))
        query = select(GRANTS.c.principal).distinct().where(_LIVE, GRANTS.c.principal.in_(sorted(holders)))
        return tuple(sorted(row["principal"] for row in self._database.select(query, now=now)))

    def shares(self, now: float) -> tuple[Grant, ...]:
        """All shares that hold."""
        return self._read(select(GRANTS).where(_LIVE, GRANTS.c.kind == GrantKind.SHARE), now=now)

    def shares_by(self, giver: str, now: float) -> tuple[Grant, ...]:
        """The shares that somebody gave, and that hold."""
        query = select(GRANTS).where(_LIVE, GRANTS.c.given_by == bindparam("giver"), GRANTS.c.kind == GrantKind.SHARE)
        return self._read(query, giver=giver, now=now)

    def _read(self, query: Select[tuple[object, ...]], **values: str | float) -> tuple[Grant, ...]:
        return tuple(_grants(self._database.select(query, **values)))


def _grants(rows: Iterable[RowMapping]) -> Iterable[Grant]:
    """A role that this engine does not know gives nothing."""
    return (_grant(row) for row in rows if row["role"] in set(Role))


def _grant(row: RowMapping) -> Grant:
    return Grant(
        id=row["id"],
        kind=GrantKind(row["kind"]),
        principal=row["principal"],
        role=Role(row["role"]),
        resource=row["resource"],
        by=row["given_by"],
        at=row["at"],
        until=row["until"],
        revoked_at=row["revoked_at"],
    )
