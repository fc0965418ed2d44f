"""The tables of the audit: entries, the complete subtrees of their tree, checkpoints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Double,
    Integer,
    LargeBinary,
    Table,
    Text,
    bindparam,
    insert,
    select,
    text,
)

from activities.storage.database import METADATA, Database
from domain.access.audit import AuditEntry, leaf_of
from domain.access.merkle import NodeAt, completed, leaf_hash

ENTRIES = Table(
    "audit_entries",
    METADATA,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at_ms", BigInteger, nullable=False),
    *(Column(name, Text, nullable=False) for name in ("kind", "outcome", "actor", "on_behalf_of")),
    *(Column(name, Text, nullable=False) for name in ("action", "resource", "body")),
)
NODES = Table(
    "audit_nodes",
    METADATA,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
)
CHECKPOINTS = Table(
    "audit_checkpoints",
    METADATA,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("root", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("at", Double, nullable=False),
)
INDEXED = ("kind", "outcome", "actor", "on_behalf_of", "action", "resource")
"""Columns that queries filter by: copies of what stands in `body`."""
APPEND_LOCK = 5_411_063
"""PostgreSQL's advisory lock for the numbers of entries: an arbitrary unique number."""
_LAST = select(ENTRIES.c.seq, ENTRIES.c.at_ms).order_by(ENTRIES.c.seq.desc()).limit(1)
_NODE = select(NODES.c.hash).where(NODES.c.level == bindparam("level"), NODES.c.position == bindparam("position"))
_LOCK = text("select pg_advisory_xact_lock(:lock)")
_ADD_ENTRY, _ADD_NODES = insert(ENTRIES), insert(NODES)
_EVERY = select(ENTRIES).order_by(ENTRIES.c.seq)
_SUBTREES = select(NODES)


@dataclass(frozen=True)
class StoredEntry:
    """An entry as it lies in the table, which anybody with the file may have changed."""

    seq: int
    at_ms: int
    columns: Mapping[str, str]
    body: str


class AuditStore:
    """Rows and hashes. What is appended is never changed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def append(self, connection: Connection, entry: AuditEntry) -> None:
        """In the transaction of a writer, after `last`."""
        body = leaf_of(entry)
        columns = {name: str(getattr(entry.event, name)) for name in INDEXED}
        row = {"seq": entry.seq, "at_ms": entry.at_ms, **columns, "body": body.decode()}
        connection.execute(_ADD_ENTRY, row)
        made = completed(self.nodes(connection), entry.seq, leaf_hash(body))
        connection.execute(_ADD_NODES, [{"level": a, "position": b, "hash": c} for a, b, c in made])

    def last(self, connection: Connection) -> tuple[int, int]:
        """Number and time of the last entry, which stays the last one until the transaction ends; -1 and 0: none."""
        if not self._database.is_sqlite:  # SQLite has one writer
            connection.execute(_LOCK, {"lock": APPEND_LOCK})
        found = connection.execute(_LAST).first()
        return (found.seq, found.at_ms) if found else (-1, 0)

    def nodes(self, connection: Connection) -> NodeAt:
        """The stored hashes of complete subtrees."""

        def at(level: int, position: int) -> bytes:
            found = connection.execute(_NODE, {"level": level, "position": position}).scalar()
            if found is None:
                raise LookupError(f"the tree has no hash at level {level}, position {position}")
            return bytes(found)

        return at

    def entries(self) -> Iterator[StoredEntry]:
        """All of them, by number."""
        for row in self._database.stream(_EVERY):
            yield StoredEntry(row["seq"], row["at_ms"], {name: row[name] for name in INDEXED}, row["body"])

    def subtrees(self) -> Iterator[tuple[int, int, bytes]]:
        """Level, position and hash of all that are stored."""
        for row in self._database.stream(_SUBTREES):
            yield row["level"], row["position"], bytes(row["hash"])
