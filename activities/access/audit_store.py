"""The tables of the audit: entries, the complete subtrees of their tree, checkpoints."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Double,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    bindparam,
    func,
    insert,
    select,
    text,
)

from activities.storage import changes
from activities.storage.database import METADATA, Database
from domain.access.audit import AuditEntry, entry_of, leaf_of
from domain.access.merkle import NodeAt, completed, leaf_hash
from domain.access.verification import StoredEntry
from domain.core.errors import SluicewayError

INDEXED = ("kind", "outcome", "actor", "on_behalf_of", "action", "resource")
"""Columns that queries filter by: copies of what stands in `body`."""
ENTRIES = Table(
    "audit_entries",
    METADATA,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at_ms", BigInteger, nullable=False),
    *(Column(name, Text, nullable=False) for name in (*INDEXED, "body")),
    *(Index(f"audit_entries_{name}", name, "seq") for name in INDEXED),
    Index("audit_entries_at", "at_ms", "seq"),
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
APPEND_LOCK = changes.LOCK
"""PostgreSQL's advisory lock for the numbers of entries: that of changes, so that who takes both waits for nobody."""
_LAST = select(ENTRIES.c.seq, ENTRIES.c.at_ms).order_by(ENTRIES.c.seq.desc()).limit(1)
_NODE = select(NODES.c.hash).where(NODES.c.level == bindparam("level"), NODES.c.position == bindparam("position"))
_LOCK = text("select pg_advisory_xact_lock(:lock)")
_NOTES = select(CHECKPOINTS.c.note).order_by(CHECKPOINTS.c.size)
_ADD_ENTRY, _ADD_NODES = insert(ENTRIES), insert(NODES)
_SIZE = select(func.max(ENTRIES.c.seq).label("last"))
_EVERY = select(ENTRIES).order_by(ENTRIES.c.seq)
_ENDS = text("(position + 1) * (1 << level)")
"""The size of the log when a subtree was complete."""
_SUBTREES = select(NODES).order_by(_ENDS, NODES.c.level)


class AuditStore:
    """Rows and hashes. What is appended is never changed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def append(self, connection: Connection, entry: AuditEntry) -> None:
        """In the transaction of a writer, after `last`."""
        body = self.add_entry(connection, entry)
        made = completed(self.nodes(connection), entry.seq, leaf_hash(body))
        connection.execute(_ADD_NODES, [{"level": a, "position": b, "hash": c} for a, b, c in made])

    @staticmethod
    def add_entry(connection: Connection, entry: AuditEntry) -> bytes:
        """The row alone; its canonical bytes."""
        body = leaf_of(entry)
        kept = entry_of(body).event  # texts are cut to their bounds there
        columns = {name: str(getattr(kept, name)) for name in INDEXED}
        row = {"seq": entry.seq, "at_ms": entry.at_ms, **columns, "body": body.decode()}
        connection.execute(_ADD_ENTRY, row)
        return body

    def last(self, connection: Connection) -> tuple[int, int]:
        """Number and time of the last entry, which stays the last one until the transaction ends; -1 and 0: none."""
        if not self._database.is_sqlite:  # SQLite has one writer
            connection.execute(_LOCK, {"lock": APPEND_LOCK})
        found = connection.execute(_LAST).first()
        return (found.seq, found.at_ms) if found else (-1, 0)

    @contextmanager
    def reading(self) -> Iterator[NodeAt]:
        """The stored hashes, for a root or a proof."""
        with self._database.read() as connection:
            yield self.nodes(connection)

    def nodes(self, connection: Connection) -> NodeAt:
        """The stored hashes of complete subtrees."""

        def at(level: int, position: int) -> bytes:
            found = connection.execute(_NODE, {"level": level, "position": position}).scalar()
            if found is None:
                raise LookupError(f"the tree has no hash at level {level}, position {position}")
            return bytes(found)

        return at

    def size(self) -> int:
        """How many entries there are, by the last one's number."""
        found = self._database.select(_SIZE)[0]["last"]
        return 0 if found is None else int(found) + 1

    def entries(self, size: int | None = None) -> Iterator[StoredEntry]:
        """Those below `size`, by number; all."""
        for row in self._database.stream(_EVERY if size is None else _EVERY.where(ENTRIES.c.seq < size)):
            yield StoredEntry(row["seq"], row["at_ms"], {name: row[name] for name in INDEXED}, row["body"])

    def notes(self) -> Iterator[str]:
        """Of all checkpoints, by size."""
        for row in self._database.stream(_NOTES):
            yield row["note"]

    def subtrees(self, size: int | None = None) -> Iterator[tuple[int, int, bytes]]:
        """Level, position and hash of those that a log of this size has, in the order in which they were made; all."""
        bound = text("(position + 1) * (1 << level) <= :size").bindparams(size=size)
        for row in self._database.stream(_SUBTREES if size is None else _SUBTREES.where(bound)):
            yield row["level"], row["position"], bytes(row["hash"])


def damaged(why: str) -> SluicewayError:
    """The log is not what it was."""
    return SluicewayError("SLW481", "the audit is damaged", why=why, fix="sluiceway audit verify")
