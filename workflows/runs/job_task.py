"""One job from ready to result: condition, for-each, slot, attempts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Protocol

from temporalio import workflow

from domain.core import ids
from domain.jobs import retry
from domain.jobs.result import Failure, JobResult, Status
from domain.pipelines import job_names
from domain.pipelines.job import Job
from domain.queues.queue import ConcurrencyPolicy, SlotStatus
from pipeline_defs.core import expressions
from workflows.jobs.expression_context import filled
from workflows.queues.messages import SlotAnswer
from workflows.runs.job_table import JobTable

NAMES = "names-are-names"
"""Histories from before this patch took any text for the name of an environment or a cluster."""


class Slots(Protocol):
    """Slots in concurrency groups, as a job uses them; `SlotClient` in a run."""

    async def enter(self, queue: str, who: str, terms: ConcurrencyPolicy) -> SlotAnswer:
        """Waits until `who` is granted or refused a slot."""

    def leave(self, who: str) -> None:
        """Releases the slot; does nothing without one."""


async def _sleep(seconds: float, why: str) -> None:
    await workflow.sleep(seconds, summary=why)


class JobTask:
    """Takes one job to its result, over all attempts."""

    def __init__(
        self,
        run: str,
        table: JobTable,
        slots: Slots,
        attempt: Callable[[Job, int], Awaitable[JobResult]],
        sleep: Callable[[float, str], Awaitable[None]] = _sleep,
    ) -> None:
        """`attempt` runs one attempt; `sleep` waits between two, with the reason for people."""
        self._run, self._table, self._slots, self._attempt, self._sleep = run, table, slots, attempt, sleep

    async def run(self, job: Job, began: float) -> JobResult | None:
        """The result. None: the job was replaced by its items."""
        if job.skip:
            return JobResult(Status.SKIPPED, job.skip)
        context = self._table.context(job)
        try:
            runs, why = expressions.condition(job.when, context)
            if not runs:
                return JobResult(Status.SKIPPED, why)
            if self._table.must_expand(job):
                return self._table.expand(job, expressions.evaluate(job.for_each, context))
            ready = filled(job, context)
            if (wrong := job_names.complaint(ready)) and workflow.patched(NAMES):
                return JobResult(Status.REFUSED, wrong, Failure.CHECK)
        except expressions.ExpressionError as wrong:
            return JobResult(Status.FAILED, f"expression {wrong}", Failure.CHECK)
        return await (self._in_slot if job.concurrency.group else self._attempts)(ready, began)

    async def _in_slot(self, job: Job, began: float) -> JobResult:
        """Holds the job's slot in its concurrency group while it runs, and always releases it."""
        terms, who = job.concurrency, f"{self._run} {job.id}"
        if wrong := terms.complaint():
            return JobResult(Status.FAILED, wrong, Failure.CHECK)
        self._table.begins(job, "waiting", began)
        try:
            placed = await self._slots.enter(ids.queue_id("jobs", terms.group), who, terms)
            if placed.told == SlotStatus.REJECTED:
                return JobResult(Status.REFUSED, f"no slot in {terms.group}: {placed.reason}", Failure.CHECK)
            if placed.told == SlotStatus.CANCELLED:
                return JobResult(Status.CANCELLED, placed.reason)
            return await self._attempts(job, began)
        finally:
            self._slots.leave(who)

    async def _attempts(self, job: Job, began: float) -> JobResult:
        attempt = 1
        while True:
            self._table.begins(job, "running", began, attempt)
            result = await self._attempt(job, attempt)
            again = retry.decide(job.retry, result)
            if not again.again:
                if job.retry.attempts > 1 and result.status is Status.FAILED:
                    return replace(result, reason=f"{result.reason} ({again.reason})")
                return result
            await self._sleep(again.delay_s, f"{job.id}: {again.reason}")
            attempt += 1
