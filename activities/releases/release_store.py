"""The table of releases."""

from __future__ import annotations

import json
import time
from dataclasses import asdict

from sqlalchemy import Column, Double, Integer, Table, Text, bindparam, update

from activities.releases.release_reader import ReleaseReader
from activities.storage.database import METADATA, Database, Values
from domain.releases.actions import ReleaseResult, ReleaseVerdict

RELEASES = Table(
    "releases",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("service", Text, nullable=False),
    Column("environment", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("run", Text, nullable=False),
    Column("started_at", Double, nullable=False),
    Column("ended_at", Double),
    Column("result", Text, nullable=False, default="{}"),
)
_END = (
    update(RELEASES)
    .where(RELEASES.c.id == bindparam("release"))
    .values(ended_at=bindparam("at"), result=bindparam("json"))
)
_CLOSE = _END.where(RELEASES.c.ended_at.is_(None))


class ReleaseStore(ReleaseReader):
    """One row for each release."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._table = database
        self._start = database.insert(RELEASES).on_conflict_do_nothing(index_elements=["id"])

    def start(self, id_: str, service: str, environment: str, number: int, run: str) -> None:
        """Idempotent."""
        row: Values = {"id": id_, "service": service, "environment": environment, "number": number, "run": run}
        self._table.execute(self._start, {**row, "started_at": time.time()})

    def close(self, id_: str, reason: str) -> None:
        """Closes the record of a release that cannot do it itself: what is live was left as it was."""
        result = ReleaseResult(verdict=ReleaseVerdict.FAILED, version="", reason=reason)
        self._table.execute(_CLOSE, {"release": id_, "at": time.time(), "json": json.dumps(asdict(result))})

    def end(self, id_: str, result: str) -> None:
        """`result`: JSON of its `ReleaseResult`."""
        self._table.execute(_END, {"release": id_, "at": time.time(), "json": result})
