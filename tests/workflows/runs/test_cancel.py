"""What a cancel stops, what still runs, and how long both may take."""

from __future__ import annotations

import json
import time

import pytest

from domain.core import ids as keys
from tests.support.lab import Lab, until
from workers.client import runs

CLEANED_UP = """
jobs:
  work:
    timeouts: {grace: 20s}
    run: "trap 'echo got-term; sleep 0.2; echo cleaned-up; exit 0' TERM; echo started; while true; do sleep 0.05; done"
  after: {needs: work, run: echo never}
  cleanup: {needs: [work, after], when: "always() && needs.work.result == 'cancelled'", run: echo cleanup-ran}
"""


async def started(lab: Lab, jobs: str) -> str:
    """A run whose job `work` said that it has started."""
    run = await lab.start(jobs)
    log = lab.settings.home / "jobs" / keys.job_key(run, "work", 1) / "log.jsonl"

    async def said() -> bool:
        return log.exists() and "started" in log.read_text()

    await until(said)
    return run


def statuses(lab: Lab, run: str) -> dict[str, str]:
    return {row["job"]: row["status"] for row in lab.records.runs.jobs(run)}


async def test_a_job_with_always_runs_after_a_cancel_and_the_cancelled_one_has_its_grace(lab: Lab):
    run = await started(lab, CLEANED_UP)
    await runs.cancel(lab.engine, run, "not needed")
    result = await lab.result(run)

    assert (result.status, result.reason) == ("cancelled", "not needed")
    assert statuses(lab, run) == {"work": "cancelled", "after": "cancelled", "cleanup": "passed"}
    log = next(json.loads(row["result"])["log"] for row in lab.records.runs.jobs(run) if row["job"] == "work")
    assert b"cleaned-up" in lab.wired.store.get(log)


async def test_a_job_with_always_runs_after_a_cancel_by_temporal(lab: Lab):
    run = await started(lab, CLEANED_UP)
    await lab.engine.client.get_workflow_handle(run).cancel()
    await lab.result(run)

    assert statuses(lab, run)["cleanup"] == "passed"


DEAF = """
jobs:
  work:
    timeouts: {grace: 1m}
    run: "trap '' TERM; echo started; while true; do sleep 0.05; done"
  cleanup: {needs: work, when: always(), run: echo never}
"""


@pytest.mark.parametrize("how", ["twice", "now"])
async def test_a_second_cancel_or_one_that_says_now_ends_a_run_at_once(lab: Lab, how: str):
    run = await started(lab, DEAF)
    began = time.monotonic()
    if how == "twice":
        await runs.cancel(lab.engine, run, "first")
    await runs.cancel(lab.engine, run, "second", now=how == "now")
    result = await lab.result(run)

    assert result.reason == ("first" if how == "twice" else "second")
    assert statuses(lab, run) == {"work": "cancelled", "cleanup": "cancelled"}
    assert time.monotonic() - began < 10
