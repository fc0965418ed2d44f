"""The parts of a run, each without a server: its journal, its table of jobs, and the task of one job."""

from __future__ import annotations

from typing import Any

import pytest

from activities.runs.port import Ended, RunEnd
from domain.jobs.result import Failure, JobResult, Status
from domain.pipelines.job import Job, JobKind
from domain.pipelines.steps import Retry
from domain.queues.queue import ConcurrencyPolicy, SlotStatus
from workflows.queues.messages import SlotAnswer
from workflows.runs.job_table import JobTable
from workflows.runs.job_task import JobTask
from workflows.runs.journal import RECORDS_PER_ACTIVITY, Journal

PASSED = JobResult(Status.PASSED)


def job_of(id_: str, **more: Any) -> Job:
    return Job(id_, JobKind.RUN, id_, **more)


class Slots:
    """Answers everybody the same."""

    def __init__(self, told: SlotStatus = SlotStatus.GRANTED, reason: str = "") -> None:
        self._answer, self.left = (told, reason), list[str]()

    async def enter(self, queue: str, who: str, terms: ConcurrencyPolicy) -> SlotAnswer:
        told, reason = self._answer
        return SlotAnswer(who, str(told), reason, queue)

    def leave(self, who: str) -> None:
        self.left.append(who)


class Attempts:
    def __init__(self, *results: JobResult) -> None:
        self._results, self.slept = list(results), list[str]()

    async def __call__(self, job: Job, attempt: int) -> JobResult:
        return self._results.pop(0)

    async def sleep(self, seconds: float, why: str) -> None:
        self.slept.append(why)


def task(table: JobTable, attempts: Attempts, slots: Slots | None = None) -> JobTask:
    return JobTask("run/x/1", table, slots or Slots(), attempts, attempts.sleep)


async def test_a_job_whose_condition_is_false_is_skipped_with_the_reason() -> None:
    job = job_of("a", when="1 == 2")
    result = await task(JobTable({}, [job]), Attempts()).run(job, 0)

    assert result == JobResult(Status.SKIPPED, "1 == 2 is false")


async def test_a_failed_attempt_is_tried_again_after_a_pause() -> None:
    job = job_of("a", retry=Retry(attempts=2))
    table = JobTable({}, [job])
    attempts = Attempts(JobResult(Status.FAILED, "lost", Failure.INFRASTRUCTURE), PASSED)

    assert await task(table, attempts).run(job, 0) == PASSED
    assert len(attempts.slept) == 1
    assert table.views["a"].attempt == 2


async def test_a_job_that_gets_no_slot_is_refused_and_gives_nothing_back_twice() -> None:
    job = job_of("a", concurrency=ConcurrencyPolicy("machines"))
    slots = Slots(SlotStatus.REJECTED, "full")
    result = await task(JobTable({}, [job]), Attempts(), slots).run(job, 0)

    assert result == JobResult(Status.REFUSED, "no slot in machines: full", Failure.CHECK)
    assert slots.left == ["run/x/1 a"]


async def test_a_for_each_job_becomes_its_items() -> None:
    job = job_of("each", for_each="event.items")
    table = JobTable({"event": {"items": ["x", "y"]}}, [job])

    assert await task(table, Attempts()).run(job, 0) is None
    assert list(table.progress.status) == ["each[0]", "each[1]"]
    assert table.context(table.jobs["each[1]"])["item"] == "y"


async def test_a_table_is_restored_from_its_letters() -> None:
    jobs = [job_of("a"), job_of("each", needs=("a",), for_each="event.items")]
    base = {"event": {"items": ["x", "y"]}}
    before = JobTable(base, jobs)
    before.end(jobs[0], PASSED, 1, 2)
    before.expand(jobs[1], ["x", "y"])
    before.end(before.jobs["each[0]"], PASSED, 2, 3)
    after = JobTable(base, jobs)
    after.restore(*before.letters(), {"a": PASSED, "each[0]": PASSED})

    assert after.progress.status == before.progress.status
    assert after.progress.take() == ["each[1]"]


async def test_a_journal_writes_pages_and_ends_the_run_with_the_last() -> None:
    written: list[RunEnd] = []

    async def write(page: RunEnd) -> str:
        written.append(page)
        return "digest" if page.final else ""

    journal = Journal("run/x/1", write)
    for index in range(RECORDS_PER_ACTIVITY + 1):
        journal.add(Ended(id=f"j{index}", kind="run", stage="", result=JobResult(Status.FAILED, "x" * 5000)))

    assert await journal.finish(Status.FAILED, "j0", "j0 failed") == "digest"
    assert [(len(page.jobs), page.final) for page in written] == [(RECORDS_PER_ACTIVITY, False), (1, True)]
    assert max(len(job.result.reason) for page in written for job in page.jobs) == 800


def chain(when: str, sees_ancestors: bool = True) -> JobTable:
    """build failed, so test was skipped; last needs test."""
    jobs = [job_of("build"), job_of("test", needs=("build",)), job_of("last", needs=("test",), when=when)]
    table = JobTable({}, jobs, sees_ancestors=lambda: sees_ancestors)
    table.progress.take()
    table.end(jobs[0], JobResult(Status.FAILED), 0, 0)
    table.end(jobs[1], JobResult(Status.SKIPPED), 0, 0)
    return table


@pytest.mark.parametrize(
    ("when", "status"),
    [
        ("failure()", Status.PASSED),
        ("!success()", Status.PASSED),
        ("success()", Status.SKIPPED),
        ("!failure()", Status.SKIPPED),
        ("always()", Status.PASSED),
        ("", Status.SKIPPED),
    ],
)
async def test_a_condition_sees_a_failed_ancestor_across_a_skipped_job(when: str, status: Status) -> None:
    table = chain(when)

    result = await task(table, Attempts(PASSED)).run(table.jobs["last"], 0)
    assert result is not None
    assert result.status is status


async def test_a_run_of_an_earlier_engine_keeps_to_its_direct_needs() -> None:
    table = chain("failure()", sees_ancestors=False)

    result = await task(table, Attempts()).run(table.jobs["last"], 0)
    assert result == JobResult(Status.SKIPPED, "failure() is false")
