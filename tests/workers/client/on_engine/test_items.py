"""A job that became several is what they are."""

from __future__ import annotations

from typing import Any, cast

import pytest

from domain.jobs.record import JobRecord
from workers.client.on_engine.runs.run_rows import job_rows
from workers.client.ports.runs import JobRow


@pytest.mark.parametrize(
    ("items", "status"),
    [
        (["passed", "passed"], "passed"),
        (["passed", "running"], "running"),
        (["failed", "running"], "running"),
        (["passed", "failed", "cancelled"], "failed"),
        (["skipped", "passed"], "passed"),
        (["skipped"], "skipped"),
    ],
)
def test_a_job_that_became_several_is_as_bad_as_the_first_bad_one(items: list[str], status: str) -> None:
    records = [_record(f"each[{at}]", one) for at, one in enumerate(items)]
    planned = [JobRow(id="each", kind="run", stage="run", status="waiting")]
    first = job_rows(planned, records)[0]
    assert (first.id, first.status) == ("each", status)


def _record(job: str, status: str) -> JobRecord:
    ended = None if status == "running" else 2.0
    told: dict[str, Any] = {"job": job, "attempt": 1, "kind": "run", "stage": "run", "status": status, "result": "{}"}
    return cast(JobRecord, {**told, "started_at": 1.0, "ended_at": ended})
