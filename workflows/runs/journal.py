"""Writes the records of a run: at its start, while it runs, and at its end with a report."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from temporalio import workflow

from activities.pipelines.port import load_jobs
from activities.runs.port import Ended, PastInput, RunBegin, RunEnd, RunRecordActivities
from activities.triggers.port import DeliveryActivities
from domain.jobs.result import JobResult, Status
from domain.pipelines.job import Job
from workflows.core import activity_options as options
from workflows.runs.messages import RunInput

RECORDS_PER_ACTIVITY = 100
MAX_REASON = 800

Write = Callable[[RunEnd], Awaitable[str]]
"""Writes a page; returns the report's digest for the last one."""


async def _write(page: RunEnd) -> str:
    return await workflow.execute_activity_method(
        RunRecordActivities.end, page, **options.write_record(f"record: {page.status}")
    )


class Journal:
    """Gathers a run's records into pages of `RECORDS_PER_ACTIVITY`."""

    def __init__(self, run: str, write: Write = _write) -> None:
        self._run, self._write = run, write
        self._unwritten: list[Ended] = []
        self._writing: list[asyncio.Task[str]] = []

    async def begin(self, input: RunInput) -> list[Job]:
        """Records the start of the run and the jobs of its plan."""
        plan = input.plan
        begin = RunBegin(
            id=self._run,
            pipeline=input.pipeline,
            number=input.number,
            event=input.event,
            plan=plan.digest,
            page=plan.pages[0] if plan.pages else "",
            source=input.source,
            path=input.path,
            attempt=input.attempt,
            earlier=input.earlier,
            kept=input.kept,
        )
        pages = [await workflow.execute_local_activity_method(RunRecordActivities.begin, begin, **options.STORED)]
        for digest in plan.pages[1:]:
            pages.append(
                await workflow.execute_local_activity_method(DeliveryActivities.load_page, digest, **options.STORED)
            )
        return [job for page in pages for job in load_jobs(page)]

    async def past(self) -> dict[str, JobResult]:
        """Results of jobs that ended before a continue-as-new, or that an earlier attempt provides."""
        found: dict[str, JobResult] = {}
        after = ""
        while True:
            page = await workflow.execute_local_activity_method(
                RunRecordActivities.past, PastInput(self._run, after), **options.STORED
            )
            found.update(page.results)
            after = page.more_after
            if not after:
                return found

    def add(self, ended: Ended) -> None:
        """Queues a record for the next page."""
        self._unwritten.append(ended)

    def write_soon(self) -> None:
        """Writes in the background; `written` waits for it."""
        self._writing.append(asyncio.create_task(self._pages(Status.RUNNING)))

    async def written(self) -> None:
        """Returns when every `write_soon` is done."""
        await asyncio.gather(*self._writing)

    async def write(self) -> None:
        """Writes all queued records."""
        await self._pages(Status.RUNNING)

    async def finish(self, status: Status, stopped_by: str, reason: str) -> str:
        """Writes the last page with the end of the run; returns the report's digest in the store."""
        return await self._pages(status, stopped_by, reason, final=True)

    async def _pages(self, status: Status, stopped_by: str = "", reason: str = "", *, final: bool = False) -> str:
        digest, unwritten = "", self._unwritten
        pages: Sequence[list[Ended]] = [
            unwritten[at : at + RECORDS_PER_ACTIVITY] for at in range(0, len(unwritten), RECORDS_PER_ACTIVITY)
        ] or [[]]
        self._unwritten = []
        for index, page in enumerate(pages):
            last = final and index == len(pages) - 1
            jobs = tuple(_truncated(job) for job in page)
            digest = await self._write(RunEnd(self._run, str(status), stopped_by, reason, jobs, last))
        return digest


def _truncated(job: Ended) -> Ended:
    return replace(job, result=replace(job.result, reason=job.result.reason[:MAX_REASON]))
