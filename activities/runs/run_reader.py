"""Reads recorded runs and jobs. Imports little, for commands that list them."""

from __future__ import annotations

from activities.storage.schema import Rows
from domain.core.documents import Node
from domain.jobs.record import JobRecord
from domain.runs.record import RunRecord


class RunReader:
    """Works on any `Rows`; `RunStore` writes."""

    def __init__(self, database: Rows) -> None:
        self._database = database

    def get(self, id_: str) -> RunRecord | None:
        """None: unknown run."""
        return next(iter(self._runs("where id = :id", id=id_)), None)

    def latest(self, pipeline: str = "", limit: int = 50) -> list[RunRecord]:
        """Of one pipeline or of all, newest first."""
        if pipeline:
            which = "where pipeline = :pipeline order by started_at desc limit :limit"
            return self._runs(which, pipeline=pipeline, limit=limit)
        return self._runs("order by started_at desc limit :limit", limit=limit)

    def attempts(self, pipeline: str, number: int) -> list[RunRecord]:
        """Of one run, oldest first."""
        which = "where pipeline = :pipeline and number = :number order by attempt"
        return self._runs(which, pipeline=pipeline, number=number)

    def last_number(self, pipeline: str) -> int:
        """The highest recorded number of a pipeline; 0: none."""
        query = "select max(number) as last from pipeline_runs where pipeline = :pipeline"
        return Node(self._database.rows(query, pipeline=pipeline)[0])["last"].whole()

    def jobs(self, run: str) -> list[JobRecord]:
        """In the order of their start."""
        query = "select * from jobs where run = :run order by started_at nulls first, job, attempt"
        return [_job(Node(row)) for row in self._database.rows(query, run=run)]

    def last_results(self, run: str) -> dict[str, JobRecord]:
        """Job, cell or item to its last ended attempt."""
        return {row["job"]: row for row in self.jobs(run) if row["ended_at"] is not None}

    def _runs(self, which: str, **values: str | float) -> list[RunRecord]:
        rows = self._database.rows(f"select * from pipeline_runs {which}", **values)  # noqa: S608
        return [_run(Node(row)) for row in rows]


def _run(row: Node) -> RunRecord:
    return RunRecord(
        id=row.need_text("id"),
        pipeline=row.need_text("pipeline"),
        number=row.need_whole("number"),
        attempt=row.need_whole("attempt"),
        commit_id=row.need_text("commit_id"),
        status=row.need_text("status"),
        stopped_by=row.need_text("stopped_by"),
        reason=row.need_text("reason"),
        started_at=row.need_number("started_at"),
        ended_at=row["ended_at"].number_or_none(),
        plan=row.need_text("plan"),
        event=row.need_text("event"),
        report=row.need_text("report"),
        source=row.need_text("source"),
        path=row.need_text("path"),
    )


def _job(row: Node) -> JobRecord:
    return JobRecord(
        run=row.need_text("run"),
        job=row.need_text("job"),
        attempt=row.need_whole("attempt"),
        kind=row.need_text("kind"),
        stage=row.need_text("stage"),
        status=row.need_text("status"),
        started_at=row["started_at"].number(),
        ended_at=row["ended_at"].number_or_none(),
        result=row.need_text("result"),
    )
