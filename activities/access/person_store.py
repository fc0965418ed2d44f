"""The table of people: what the server knows of them beside their registration in `identities`."""

from __future__ import annotations

import json
from collections.abc import Mapping

from sqlalchemy import (
    Column,
    Double,
    Integer,
    RowMapping,
    Table,
    Text,
    UniqueConstraint,
    bindparam,
    delete,
    select,
    update,
)

from activities.access.identity_store import IDENTITIES
from activities.storage.changes import Topic, note
from activities.storage.database import METADATA, Database, Values
from domain.access.person import Person

PEOPLE = Table(
    "people",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("provider_groups", Text, nullable=False),
    Column("attributes", Text, nullable=False),
    Column("disabled", Integer, nullable=False),
    Column("issuer", Text),
    Column("subject", Text),
    Column("created_at", Double, nullable=False),
    UniqueConstraint("issuer", "subject", name="one_person"),
)
_COLUMNS = [column for column in PEOPLE.c if column.name != "name"]
_ALL = select(IDENTITIES.c.name, IDENTITIES.c.groups, IDENTITIES.c.roles, *_COLUMNS).outerjoin(
    PEOPLE, PEOPLE.c.name == IDENTITIES.c.name
)
_ONE = _ALL.where(IDENTITIES.c.name == bindparam("name"))
_OF = _ALL.where(PEOPLE.c.issuer == bindparam("issuer"), PEOPLE.c.subject == bindparam("subject"))
_PAGE = _ALL.where(IDENTITIES.c.name > bindparam("after")).order_by(IDENTITIES.c.name).limit(bindparam("most"))
_REMOVE = delete(PEOPLE).where(PEOPLE.c.name == bindparam("who"))
_DISABLE = update(PEOPLE).where(PEOPLE.c.name == bindparam("who")).values(disabled=bindparam("off"))
_GROUPS = update(PEOPLE).where(PEOPLE.c.name == bindparam("who")).values(provider_groups=bindparam("of_provider"))
_ATTRIBUTES = update(PEOPLE).where(PEOPLE.c.name == bindparam("who")).values(attributes=bindparam("set_to"))


class PersonStore:
    """A person is a row of `identities`; one without a row here is enabled, and of no provider."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._add = database.insert(PEOPLE).on_conflict_do_nothing()

    def add(self, name: str, now: float, issuer: str = "", subject: str = "") -> None:
        """Keeps the row that is there already.

        One subject of a provider is one person: a second one is not added.
        """
        row: Values = {"provider_groups": "[]", "attributes": "{}", "disabled": 0, "created_at": now}
        self._database.execute(self._add, {"name": name, "issuer": issuer or None, "subject": subject or None, **row})

    def get(self, name: str) -> Person | None:
        """None: nobody of that name is registered."""
        rows = self._database.select(_ONE, name=name)
        return _person(rows[0]) if rows else None

    def of_provider(self, issuer: str, subject: str) -> Person | None:
        """Who an identity provider means. None: nobody yet."""
        rows = self._database.select(_OF, issuer=issuer, subject=subject)
        return _person(rows[0]) if rows else None

    def page(self, after: str, limit: int) -> list[Person]:
        """By name, those after this one."""
        return [_person(row) for row in self._database.select(_PAGE, after=after, most=limit)]

    def disable(self, name: str, now: float, *, disabled: bool) -> None:
        """A disabled person cannot log in; sessions and tokens count no more, and what is open by them looks again."""
        self.add(name, now)
        with self._database.write() as connection:
            connection.execute(_DISABLE, {"who": name, "off": int(disabled)})
            note(connection, Topic.ACCESS, [f"person:{name}"])

    def set_provider_groups(self, name: str, groups: tuple[str, ...]) -> None:
        """Replaces those of the last login."""
        self._database.execute(_GROUPS, {"who": name, "of_provider": json.dumps(groups)})

    def set_attributes(self, name: str, attributes: Mapping[str, str | int | bool], now: float) -> None:
        """Replaces all of them."""
        self.add(name, now)
        self._database.execute(_ATTRIBUTES, {"who": name, "set_to": json.dumps(dict(attributes))})

    def remove(self, name: str) -> None:
        """Does nothing for an unknown name."""
        self._database.execute(_REMOVE, {"who": name})


def _person(row: RowMapping) -> Person:
    return Person(
        name=row["name"],
        groups=tuple(json.loads(row["groups"])),
        roles=tuple(json.loads(row["roles"])),
        provider_groups=tuple(json.loads(row["provider_groups"] or "[]")),
        attributes=json.loads(row["attributes"] or "{}"),
        disabled=bool(row["disabled"]),
        issuer=row["issuer"] or "",
        subject=row["subject"] or "",
        created_at=row["created_at"] or 0,
    )
