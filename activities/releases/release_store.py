"""The tables of releases, and of what they left live."""

from __future__ import annotations

import json
import time
from dataclasses import asdict

from sqlalchemy import (
    BindParameter,
    Column,
    Connection,
    Double,
    Index,
    Integer,
    Table,
    Text,
    bindparam,
    case,
    delete,
    select,
    update,
)

from activities.releases import shared_ticks
from activities.releases.release_reader import ReleaseReader
from activities.storage.changes import Topic, note
from activities.storage.database import METADATA, Database, Values
from domain.core.documents import Node
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
    *(Column(name, Text, nullable=False, default="") for name in ("version", "strategy", "verdict", "reason")),
    Column("cluster", Text, nullable=False, default=""),
    Index("releases_by_start", "started_at", "id"),
    Index("releases_by_end", "ended_at", "environment"),
    *(Index(f"releases_by_{name}", name, "started_at", "id") for name in ("service", "environment", "run")),
)
LIVE = Table(
    "live_versions",
    METADATA,
    Column("environment", Text, primary_key=True),
    Column("service", Text, primary_key=True),
    Column("version", Text, nullable=False),
    Column("release", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("since", Double, nullable=False),
    Index("live_versions_by_service", "service", "environment"),
    Index("live_versions_by_time", "environment", "since"),
)
MAX_REASON = 500
"""Characters, in lists."""
_TOLD: dict[str, BindParameter[str]] = {name: bindparam(name) for name in ("verdict", "reason")}
_KEPT = {
    name: case((bindparam(name) != "", bindparam(name)), else_=RELEASES.c[name]) for name in ("version", "strategy")
}
_END = (
    update(RELEASES)
    .where(RELEASES.c.id == bindparam("release"))
    .values(ended_at=bindparam("at"), result=bindparam("json"), **_TOLD, **_KEPT)
)
_GIVEN_BACK = delete(LIVE).where(LIVE.c.release == bindparam("release"))
_ONE = select(RELEASES).where(RELEASES.c.id == bindparam("release"))
_CLOSE = _END.where(RELEASES.c.ended_at.is_(None))


class ReleaseStore(ReleaseReader):
    """One row for each release, and one for each service that is live in an environment."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._table = database
        self._start = database.insert(RELEASES).on_conflict_do_nothing(index_elements=["id"])
        live = database.insert(LIVE)
        new = live.excluded
        changed = {name: new[name] for name in ("version", "release", "number", "since")}
        self._live = live.on_conflict_do_update(
            index_elements=["environment", "service"], set_=changed, where=new.number > LIVE.c.number
        )

    def start(
        self,
        id_: str,
        service: str,
        environment: str,
        number: int,
        run: str,
        *,
        version: str = "",
        strategy: str = "",
        cluster: str = "",
    ) -> None:
        """Idempotent. `cluster`: of a part of a release over many."""
        row: Values = {"id": id_, "service": service, "environment": environment, "number": number, "run": run}
        with self._table.write() as connection:
            about = {"version": version, "strategy": strategy, "cluster": cluster}
            values = {**row, **about, "started_at": time.time()}
            connection.execute(self._start, values)
            _note(connection, id_, environment)

    def close(self, id_: str, reason: str) -> None:
        """Closes the record of a release that cannot do it itself: what is live was left as it was."""
        result = ReleaseResult(verdict=ReleaseVerdict.FAILED, version="", reason=reason)
        with self._table.write() as connection:
            connection.execute(_CLOSE, _ending(id_, json.dumps(asdict(result))))
            _note(connection, id_, "")

    def moved(self, id_: str) -> None:
        """Tells pages that something of a release under way is another one: its weight, or its evidence."""
        with self._table.write() as connection:
            note(connection, Topic.RELEASES, [id_])

    def end(self, id_: str, result: str) -> None:
        """`result`: JSON of its `ReleaseResult`. One that is live replaces what an earlier number brought; of a release
        over many clusters the whole does. The name of several services is none that is live: each of them is.
        """
        ending, told = _ending(id_, result), Node(json.loads(result))
        brought = ending["verdict"] == ReleaseVerdict.LIVE and not told["services"]
        with self._table.write() as connection:
            connection.execute(_END, ending)
            shared_ticks.drop(connection, [part["release"].text() for _, part in told["clusters"].fields()])
            row = connection.execute(_ONE, {"release": id_}).mappings().first()
            if row and not row["cluster"] and brought:
                named = {name: row[name] for name in ("environment", "service", "version", "number")}
                connection.execute(self._live, {**named, "release": id_, "since": ending["at"]})
            elif row and not row["cluster"]:  # what it brought was given back
                connection.execute(_GIVEN_BACK, {"release": id_})
            _note(connection, id_, row["environment"] if row else "")


def _note(connection: Connection, id_: str, environment: str) -> None:
    """A release that begins or ends also moves the queue of its environment."""
    note(connection, Topic.RELEASES, [id_])
    note(connection, Topic.QUEUES, [f"environment/{environment}"])


def _ending(id_: str, result: str) -> dict[str, str | float]:
    told = Node(json.loads(result))
    short = {name: told[name].text()[:MAX_REASON] for name in ("verdict", "reason", "version", "strategy")}
    return {"release": id_, "at": time.time(), "json": result, **short}
