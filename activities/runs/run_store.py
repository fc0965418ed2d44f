"""Tables of runs, their jobs and their pipelines: `runs`, `show` and `logs` read them, also without Temporal."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import (
    Column,
    Double,
    Index,
    Insert,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    bindparam,
    case,
    select,
    update,
)

from activities.runs.run_reader import RunReader
from activities.storage.changes import Topic, note
from activities.storage.database import METADATA, Database, Values
from domain.core.errors import SluicewayError
from domain.jobs.record import EndedJob, JobRecord
from domain.runs.record import RunDigests

LISTED = ("branch", "event_kind", "author", "actor", "message", "owner")
"""Of the event that started a run, for lists."""
RUNS = Table(
    "pipeline_runs",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("pipeline", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("commit_id", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("stopped_by", Text, nullable=False, default=""),
    Column("reason", Text, nullable=False, default=""),
    Column("started_at", Double, nullable=False),
    Column("ended_at", Double),
    Column("plan", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("report", Text, nullable=False, default=""),
    Column("source", Text, nullable=False),
    Column("path", Text, nullable=False),
    *(Column(name, Text, nullable=False, default="") for name in LISTED),
    Column("integrity", Integer, nullable=False, default=1),
    UniqueConstraint("pipeline", "number", "attempt", name="one_attempt"),
    Index("pipeline_runs_by_start", "started_at", "id"),
    Index("pipeline_runs_by_commit", "commit_id"),
    *(Index(f"pipeline_runs_by_{name}", name, "started_at", "id") for name in ("pipeline", "status", "branch")),
)
PIPELINES = Table(
    "pipelines",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("repository", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("last_run", Text, nullable=False),
    Column("last_at", Double, nullable=False),
    Column("runs", Integer, nullable=False),
)
JOBS = Table(
    "jobs",
    METADATA,
    Column("run", Text, primary_key=True),
    Column("job", Text, primary_key=True),
    Column("attempt", Integer, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("started_at", Double),
    Column("ended_at", Double),
    Column("result", Text, nullable=False),
)
_END = (
    update(RUNS)
    .where(RUNS.c.id == bindparam("run"))
    .values({name: bindparam(name) for name in ("status", "stopped_by", "reason", "report", "ended_at")})
)
_ONE = select(RUNS).where(RUNS.c.id == bindparam("run"))
_SAME = ("commit_id", "plan", "event", "source", "path")
"""What a run has from its start: a row that differs is another run's."""
_CLOSE = (
    update(RUNS)
    .where(RUNS.c.id == bindparam("whose"), RUNS.c.ended_at.is_(None))
    .values(status="cancelled", reason=bindparam("why"), ended_at=bindparam("at"))
)
_CLOSE_JOBS = (
    update(JOBS)
    .where(JOBS.c.run == bindparam("whose"), JOBS.c.ended_at.is_(None))
    .values(status="cancelled", result=bindparam("said"), ended_at=bindparam("at"))
)
_ALL = select(RUNS.c.id, RUNS.c.plan, RUNS.c.report, RUNS.c.ended_at)
_HAS_LOG = JOBS.c.result.not_like('%"log":""%').label("has_log")
_ALL_JOBS = select(JOBS.c.run, JOBS.c.job, JOBS.c.attempt, JOBS.c.ended_at, _HAS_LOG).where(
    JOBS.c.ended_at.is_not(None)
)


@dataclass(frozen=True, kw_only=True)
class RunStart:
    """The data of a run at its start."""

    id: str
    pipeline: str
    number: int
    attempt: int
    commit_id: str
    plan: str
    event: str
    """JSON of the event that started it."""
    source: str
    """JSON of the source of its files."""
    path: str
    """Path of its definition in the repository."""
    repository: str = ""
    """Where the definition of its pipeline is looked for; empty: where it was."""
    branch: str = ""
    """As lists show it (domain/runs/listed.py), like all that follows."""
    event_kind: str = ""
    author: str = ""
    actor: str = ""
    message: str = ""
    owner: str = ""
    integrity: int = 1


class RunStore(RunReader):
    """Also writes: a run's start, its end, and each attempt of a job."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._tables = database
        self._start = database.insert(RUNS).on_conflict_do_nothing(index_elements=["id"]).returning(RUNS.c.id)
        self._seen = _seen(database)
        record = database.insert(JOBS)
        changed = {name: record.excluded[name] for name in ("status", "ended_at", "result")}
        self._record = record.on_conflict_do_update(
            index_elements=["run", "job", "attempt"], set_=changed, where=JOBS.c.ended_at.is_(None)
        )

    def start(self, run: RunStart, kept: Sequence[JobRecord] = ()) -> None:
        """One transaction; idempotent. `kept`: results of the previous attempt.

        Raises:
            SluicewayError: SLW919, the record of this name is another run's.
        """
        row = {**asdict(run), "status": "running", "started_at": time.time()}
        repository = row.pop("repository")
        with self._tables.write() as connection:
            if connection.execute(self._start, row).first():
                seen = {"name": run.pipeline, "repository": repository, "path": run.path if repository else ""}
                begun = {"last_run": run.id, "last_at": row["started_at"], "runs": int(run.attempt == 1)}
                connection.execute(self._seen, seen | begun)
                if kept:
                    connection.execute(JOBS.insert(), [{**one, "run": run.id} for one in kept])
                note(connection, Topic.RUNS, [run.id])
                return
            known = connection.execute(_ONE, {"run": run.id}).mappings().one()
        if known["ended_at"] is not None or any(known[name] != row[name] for name in _SAME):
            why = "its events or its end are recorded already, by another Temporal server or before a reset"
            raise SluicewayError("SLW919", f"the record of {run.id} belongs to another run", why=why)

    def end(self, id_: str, status: str, stopped_by: str, reason: str, report: str, at: float) -> None:
        """`report`: digest of its page; empty: none yet."""
        values: Values = {
            "status": status,
            "stopped_by": stopped_by,
            "reason": reason,
            "report": report,
            "ended_at": at,
        }
        with self._tables.write() as connection:
            connection.execute(_END, {"run": id_, **values})
            note(connection, Topic.RUNS, [id_])

    def close(self, id_: str, reason: str, at: float) -> bool:
        """Closes a run that cannot do it itself as cancelled, with its open jobs; returns whether it was open."""
        said = json.dumps({"status": "cancelled", "reason": reason})
        with self._tables.write() as connection:
            connection.execute(_CLOSE_JOBS, {"whose": id_, "said": said, "at": at})
            closed = connection.execute(_CLOSE, {"whose": id_, "why": reason, "at": at}).rowcount > 0
            note(connection, Topic.RUNS, [id_])
        return closed

    def record_job(self, job: JobRecord) -> None:
        """Records the state of one attempt; an ended one is final."""
        self.record_jobs([job])

    def record_jobs(self, jobs: Sequence[JobRecord]) -> None:
        """As `record_job`, in one transaction."""
        if not jobs:
            return
        with self._tables.write() as connection:
            connection.execute(self._record, [_values(job) for job in jobs])
            note(connection, Topic.RUNS, (job["run"] for job in jobs))

    def all(self) -> Iterator[RunDigests]:
        """Streamed: there may be very many."""
        for row in self._tables.stream(_ALL):
            yield RunDigests(id=row["id"], plan=row["plan"], report=row["report"], ended_at=row["ended_at"])

    def ended_jobs(self) -> Iterator[EndedJob]:
        """Every attempt of every job that has ended."""
        for row in self._tables.stream(_ALL_JOBS):
            yield EndedJob(
                run=row["run"],
                job=row["job"],
                attempt=row["attempt"],
                ended_at=row["ended_at"],
                has_log=bool(row["has_log"]),
            )


def _seen(database: Database) -> Insert:
    """Adds a run to its pipeline's row."""
    added = database.insert(PIPELINES)
    new = added.excluded
    kept = {name: case((new[name] != "", new[name]), else_=PIPELINES.c[name]) for name in ("repository", "path")}
    counted = {"last_run": new.last_run, "last_at": new.last_at, "runs": PIPELINES.c.runs + new.runs}
    return added.on_conflict_do_update(index_elements=["name"], set_=kept | counted)


def _values(job: JobRecord) -> Values:
    return {
        "run": job["run"],
        "job": job["job"],
        "attempt": job["attempt"],
        "kind": job["kind"],
        "stage": job["stage"],
        "status": job["status"],
        "started_at": job["started_at"],
        "ended_at": job["ended_at"],
        "result": job["result"],
    }
