"""What has changed, in order: written in the transaction of the change, and read by pages that are live.

A row says what changed, not how: whoever may read it asks. Numbers are in the order of the commits, so that nobody who
reads on from a number misses one.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Column, Connection, Double, Integer, Table, Text, bindparam, delete, func, insert, select, text

from activities.storage.database import METADATA, Database

CHANGES = Table(
    "changes",
    METADATA,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("topic", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("at", Double, nullable=False),
)
KEPT = 20_000
"""Rows, the newest always: numbers are never given again. Who was away for longer looks at everything again."""
CLEANED_EACH = 500
CHANNEL = "sluiceway_changes"
"""PostgreSQL's notifications."""
LOCK = 5_411_063
"""PostgreSQL's advisory lock for this table: an arbitrary unique number."""
_NOTE = insert(CHANGES).returning(CHANGES.c.seq)
_OLD = delete(CHANGES).where(CHANGES.c.seq <= bindparam("last"))
_AFTER = select(CHANGES).where(CHANGES.c.seq > bindparam("seq")).order_by(CHANGES.c.seq).limit(bindparam("most"))
_ENDS = select(func.coalesce(func.min(CHANGES.c.seq), 0), func.coalesce(func.max(CHANGES.c.seq), 0))


class Topic(StrEnum):
    """The lists that pages follow."""

    RUNS = "runs"
    RELEASES = "releases"
    APPROVALS = "approvals"
    QUEUES = "queues"
    FLEET = "fleet"
    """What is in the clusters; the key is the cluster's name."""
    ACCESS = "access"
    """Grants, labels, policies, people: who may do what."""


@dataclass(frozen=True)
class Noted:
    """One row."""

    seq: int
    topic: str
    key: str


def note(connection: Connection, topic: Topic, keys: Iterable[str]) -> None:
    """At the end of the transaction that changes these runs, releases or approvals."""
    names = sorted(set(keys))
    if not names:
        return
    if connection.dialect.name == "postgresql":
        # until the commit: else one that took its number earlier could become visible later, and be missed
        connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        connection.execute(text("select pg_notify(:channel, '')"), {"channel": CHANNEL})
    now = time.time()
    for key in names:
        seq = connection.execute(_NOTE, {"topic": topic.value, "key": key, "at": now}).scalar_one()
        if seq % CLEANED_EACH == 0:
            connection.execute(_OLD, {"last": seq - KEPT})


class ChangeReader:
    """Reads on from a number."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def ends(self) -> tuple[int, int]:
        """Numbers of the first and of the last row; 0, 0: there is none."""
        with self.database.read() as connection:
            first, last = connection.execute(_ENDS).one()
        return int(first), int(last)

    def after(self, seq: int, most: int) -> list[Noted]:
        """The next ones, oldest first."""
        rows = self.database.select(_AFTER, seq=seq, most=most)
        return [Noted(row["seq"], row["topic"], row["key"]) for row in rows]
