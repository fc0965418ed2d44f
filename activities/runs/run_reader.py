"""Reads recorded runs and jobs. Imports little, for commands that list them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from activities.storage.schema import Rows
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

    def jobs(self, run: str) -> list[JobRecord]:
        """In the order of their start."""
        query = "select * from jobs where run = :run order by started_at nulls first, job, attempt"
        return [_job(row) for row in self._database.rows(query, run=run)]

    def last_results(self, run: str) -> dict[str, JobRecord]:
        """Job, cell or item to its last ended attempt."""
        return {row["job"]: row for row in self.jobs(run) if row["ended_at"] is not None}

    def _runs(self, which: str, **values: str | float) -> list[RunRecord]:
        rows = self._database.rows(f"select * from pipeline_runs {which}", **values)  # noqa: S608
        return [_run(row) for row in rows]


def _run(row: Mapping[str, Any]) -> RunRecord:
    return RunRecord(
        id=row["id"],
        pipeline=row["pipeline"],
        number=row["number"],
        attempt=row["attempt"],
        commit_id=row["commit_id"],
        status=row["status"],
        stopped_by=row["stopped_by"],
        reason=row["reason"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        plan=row["plan"],
        event=row["event"],
        report=row["report"],
        source=row["source"],
        path=row["path"],
    )


def _job(row: Mapping[str, Any]) -> JobRecord:
    return JobRecord(
        run=row["run"],
        job=row["job"],
        attempt=row["attempt"],
        kind=row["kind"],
        stage=row["stage"],
        status=row["status"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        result=row["result"],
    )
