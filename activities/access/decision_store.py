"""Decisions with all that they depended on, so that a set of policies can be tried on them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec
from sqlalchemy import Column, Double, Integer, Table, Text, bindparam, delete, insert, select

from activities.storage.database import METADATA, Database
from domain.access.engine import Question

DECISIONS = Table(
    "recorded_decisions",
    METADATA,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("at", Double, nullable=False),
    Column("body", Text, nullable=False),
)
KEPT = 20_000
"""Decisions that are kept: the newest."""
_EVERY = 500
"""Decisions between two looks at what is too old."""
_ADD = insert(DECISIONS).returning(DECISIONS.c.seq)
_OLD = delete(DECISIONS).where(DECISIONS.c.seq <= bindparam("upto"))
_SINCE = select(DECISIONS).where(DECISIONS.c.at >= bindparam("since")).order_by(DECISIONS.c.seq.desc())


@dataclass(frozen=True)
class Recorded:
    """One decision."""

    question: Question
    allowed: bool
    rule: str
    at: float


@dataclass(frozen=True)
class _Body:
    question: Question
    allowed: bool
    rule: str


class DecisionStore:
    """Changes that were asked for, and refusals."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, question: Question, allowed: bool, rule: str, now: float) -> None:
        """In a transaction of its own."""
        body = msgspec.json.encode(_Body(question, allowed, rule), enc_hook=dict).decode()
        with self._database.write() as connection:
            seq = connection.execute(_ADD, {"at": now, "body": body}).scalar_one()
            if seq % _EVERY == 0:
                connection.execute(_OLD, {"upto": seq - KEPT})

    def since(self, since: float, limit: int = KEPT) -> Iterator[Recorded]:
        """Newest first. One that this engine cannot read any more is left out."""
        for row in self._database.select(_SINCE.limit(bindparam("most")), since=since, most=limit):
            try:
                body = msgspec.json.decode(row["body"], type=_Body)
            except msgspec.ValidationError:
                continue
            yield Recorded(body.question, body.allowed, body.rule, row["at"])
