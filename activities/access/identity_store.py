"""The table of identities: who may sign decisions, and by which key."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Column, RowMapping, Table, Text, bindparam, delete, select

from activities.storage.database import METADATA, Database
from domain.core import names
from domain.core.errors import DefinitionError

IDENTITIES = Table(
    "identities",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("public_key", Text, nullable=False),
    Column("groups", Text, nullable=False),
    Column("roles", Text, nullable=False),
)
_ALL = select(IDENTITIES)
_REMOVE = delete(IDENTITIES).where(IDENTITIES.c.name == bindparam("who"))
_ONE = _ALL.where(IDENTITIES.c.name == bindparam("name"))


@dataclass(frozen=True)
class Identity:
    """A person who may sign decisions, with the groups and roles that count in approvals."""

    name: str
    public_key: str
    """Base64 of the raw ed25519 key, or a line of OpenSSH."""
    groups: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()


class IdentityReader(Protocol):
    """Reads identities: those of the database, or those that the signer remembers."""

    def get(self, name: str) -> Identity | None:
        """None: not registered."""
        ...

    def all(self) -> list[Identity]:
        """Sorted by name."""
        ...


class IdentityStore(IdentityReader):
    """One row for each person, by name."""

    def __init__(self, database: Database) -> None:
        self._database = database
        row = database.insert(IDENTITIES)
        changed = {name: row.excluded[name] for name in ("public_key", "groups", "roles")}
        self._save = row.on_conflict_do_update(index_elements=["name"], set_=changed)

    def save(self, identity: Identity) -> None:
        """Replaces the previous one of that name.

        Raises:
            DefinitionError: SLW506, the text names no identity.
        """
        if not names.is_person(identity.name):
            fix = "use letters, digits, and . _ @ -"
            raise DefinitionError("SLW506", f"{identity.name!r} is not a valid identity name", fix=fix)
        lists = {"groups": json.dumps(identity.groups), "roles": json.dumps(identity.roles)}
        self._database.execute(self._save, {"name": identity.name, "public_key": identity.public_key, **lists})

    def remove(self, name: str) -> None:
        """Does nothing for an unknown name."""
        self._database.execute(_REMOVE, {"who": name})

    def get(self, name: str) -> Identity | None:
        """None: not registered."""
        rows = self._database.select(_ONE, name=name)
        return _identity(rows[0]) if rows else None

    def all(self) -> list[Identity]:
        """Sorted by name."""
        return sorted((_identity(row) for row in self._database.select(_ALL)), key=lambda identity: identity.name)


def _identity(row: RowMapping) -> Identity:
    return Identity(row["name"], row["public_key"], tuple(json.loads(row["groups"])), tuple(json.loads(row["roles"])))
