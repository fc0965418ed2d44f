"""Rows for tests of what is recorded: only what a test is about is said in it."""

from __future__ import annotations

from activities.runs.run_store import RunStart
from domain.core.ids import split_run
from domain.jobs.record import JobRecord


def a_run(id_: str, plan: str = "", commit: str = "") -> RunStart:
    pipeline, number, attempt = split_run(id_)
    return RunStart(
        id=id_,
        pipeline=pipeline,
        number=number,
        attempt=attempt or 1,
        commit_id=commit,
        plan=plan,
        event="{}",
        source="{}",
        path="",
    )


def a_job(
    run: str, status: str, span: tuple[float, float | None], result: str = "{}", job: str = "a", attempt: int = 1
) -> JobRecord:
    return JobRecord(
        run=run,
        job=job,
        attempt=attempt,
        kind="run",
        stage="s",
        status=status,
        started_at=span[0],
        ended_at=span[1],
        result=result,
    )
