"""What has changed, in order: written in the transaction of the change, and read by pages that are live.

A row says what changed, not how: whoever may read it asks. Numbers are in the order of the commits, so that nobody who
reads on from a number misses one. Of a key only the last change is kept: a cluster in which everything moves takes one
row, and pushes out nobody else's.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import (
    Column,
    Connection,
    Double,
    Index,
    Integer,
    Table,
    Text,
    bindparam,
    delete,
    func,
    insert,
    select,
    text,
)

from activities.storage.database import METADATA, Database

CHANGES = Table(
    "changes",
    METADATA,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("topic", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("at", Double, nullable=False),
    Index("changes_by_key", "topic", "key"),
)
KEPT = 20_000
"""Rows, the newest always: numbers are never given again. Who was away for longer looks at everything again."""
CLEANED_EACH, FIRST = 500, 1
CHANNEL = "sluiceway_changes"
"""PostgreSQL's notifications."""
LOCK = 5_411_063
"""PostgreSQL's advisory lock for this table: an arbitrary unique number."""
FLOOR = ""
"""The topic of one row that is no change: up to its number, changes are not kept any more."""
_C = CHANGES.c
_NOTE = insert(CHANGES).returning(_C.seq)
_SAME = delete(CHANGES).where(_C.topic == bindparam("of"), _C.key == bindparam("which"), _C.seq < bindparam("before"))
_CUT = select(_C.seq).where(_C.topic != FLOOR).order_by(_C.seq.desc()).limit(1).offset(bindparam("most"))
_OLD = delete(CHANGES).where(_C.seq <= bindparam("last"))
_AFTER = select(CHANGES).where(_C.seq > bindparam("seq"), _C.topic != FLOOR).order_by(_C.seq).limit(bindparam("most"))
_FLOOR = select(func.max(_C.seq)).where(_C.topic == FLOOR).scalar_subquery()
_ENDS = select(func.coalesce(_FLOOR, func.min(_C.seq) - 1, 0), func.coalesce(func.max(_C.seq), 0))


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
        connection.execute(_SAME, {"of": topic.value, "which": key, "before": seq})
        if seq % CLEANED_EACH == 0 or seq == FIRST:
            _clean(connection, now)


def _clean(connection: Connection, now: float) -> None:
    floor = connection.execute(_CUT, {"most": KEPT}).scalar()
    if floor is None and connection.execute(select(_FLOOR)).scalar() is None:
        floor = connection.execute(select(func.min(_C.seq) - 1)).scalar()
    if floor is not None:
        connection.execute(_OLD, {"last": floor})
        connection.execute(insert(CHANGES), {"seq": floor, "topic": FLOOR, "key": "", "at": now})


class ChangeReader:
    """Reads on from a number."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def ends(self) -> tuple[int, int]:
        """The number up to which changes are not kept any more, and that of the last one; 0, 0: there is none."""
        with self.database.read() as connection:
            floor, last = connection.execute(_ENDS).one()
        return int(floor), int(last)

    def after(self, seq: int, most: int) -> list[Noted]:
        """The next ones, oldest first; of a key the last."""
        rows = self.database.select(_AFTER, seq=seq, most=most)
        return [Noted(row["seq"], row["topic"], row["key"]) for row in rows]
