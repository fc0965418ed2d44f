"""The table of registered definitions: environments, schedules, and what drift checks and rescans remember."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Protocol

from sqlalchemy import Column, Table, Text, bindparam, delete, select

from activities.storage.database import METADATA, Database, Values
from domain.core.documents import Object

DEFINITIONS = Table(
    "definitions",
    METADATA,
    Column("kind", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("body", Text, nullable=False),
)
_BODY = select(DEFINITIONS.c.body).where(
    DEFINITIONS.c.kind == bindparam("kind"), DEFINITIONS.c.name == bindparam("name")
)
_NAMES = select(DEFINITIONS.c.name).where(DEFINITIONS.c.kind == bindparam("kind"))
_EVERY = select(DEFINITIONS.c.name, DEFINITIONS.c.body).where(DEFINITIONS.c.kind == bindparam("kind"))
_REMOVE = delete(DEFINITIONS).where(
    DEFINITIONS.c.kind == bindparam("of_kind"), DEFINITIONS.c.name == bindparam("called")
)


class DefinitionReader(Protocol):
    """Reads definitions: those of the database, or those that the signer remembers."""

    def get(self, kind: str, name: str) -> Object | None:
        """The document, decoded from JSON; None: not registered."""
        ...

    def every(self, kind: str) -> dict[str, Object]:
        """All of this kind, by name."""
        ...

    def names(self, kind: str) -> list[str]:
        """Names of this kind, sorted; empty: none registered."""
        ...


class DefinitionStore(DefinitionReader):
    """One JSON document for each kind and name."""

    def __init__(self, database: Database) -> None:
        self._database = database
        row = database.insert(DEFINITIONS)
        self._add = row.on_conflict_do_nothing(index_elements=["kind", "name"])
        self._save = row.on_conflict_do_update(index_elements=["kind", "name"], set_={"body": row.excluded["body"]})

    def save(self, kind: str, name: str, body: str) -> None:
        """`body` is JSON; replaces the previous one."""
        self._database.execute(self._save, {"kind": kind, "name": name, "body": body})

    def save_all(self, kind: str, bodies: Mapping[str, str]) -> None:
        """Name to JSON, in one transaction."""
        if bodies:
            rows: list[Values] = [{"kind": kind, "name": name, "body": body} for name, body in bodies.items()]
            self._database.execute(self._save, rows)

    def get(self, kind: str, name: str) -> Object | None:
        """The document, decoded from JSON; None: not registered."""
        rows = self._database.select(_BODY, kind=kind, name=name)
        body: Object | None = json.loads(rows[0]["body"]) if rows else None
        return body

    def add(self, kind: str, name: str, body: str) -> None:
        """Saves a new one; one that is there already stays as it is."""
        self._database.execute(self._add, {"kind": kind, "name": name, "body": body})

    def remove(self, kind: str, name: str) -> None:
        """Does nothing for an unknown name."""
        self._database.execute(_REMOVE, {"of_kind": kind, "called": name})

    def every(self, kind: str) -> dict[str, Object]:
        """All of this kind, by name."""
        return {row["name"]: json.loads(row["body"]) for row in self._database.select(_EVERY, kind=kind)}

    def names(self, kind: str) -> list[str]:
        """Names of this kind, sorted; empty: none registered."""
        return sorted(row["name"] for row in self._database.select(_NAMES, kind=kind))
