"""The table of releases."""

from __future__ import annotations

import time

from sqlalchemy import Column, Double, Integer, Table, Text, bindparam, update

from activities.releases.release_reader import ReleaseReader
from activities.storage.database import METADATA, Database, Values

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

    def end(self, id_: str, result: str) -> None:
        """`result`: JSON of its `ReleaseResult`."""
        self._table.execute(_END, {"release": id_, "at": time.time(), "json": result})
