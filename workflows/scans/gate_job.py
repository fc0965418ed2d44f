"""Kind `gate`: judges the scans before it; a closed gate may be held until people or VEX statements open it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from temporalio import workflow

from activities.scans.port import GateActivities
from domain.approvals.request import Outcome
from domain.approvals.spec import ApprovalSpec
from domain.jobs.result import Failure, JobResult, Status
from domain.pipelines.job import Job, JobKind
from domain.scans import gate
from workflows.approvals import approval_job
from workflows.approvals.messages import ApprovalResult
from workflows.core import activity_options as options
from workflows.core.failures import outcome_of
from workflows.jobs.runner import JobContext, summary


async def run(context: JobContext, job: Job, attempt: int) -> JobResult:
    """Judges the findings of its scans; a closed gate with `hold` waits for decisions."""
    assert job.gate is not None
    judging = _Judging(context, job, attempt, _reports(context, job))
    judged = await judging.judge()
    held = job.gate.hold if judged.status is Status.FAILED and judged.failure is Failure.CHECK else None
    return await judging.hold(judged, held) if held else judged


def _reports(context: JobContext, job: Job) -> dict[str, str]:
    """The gate's scans, to the digests of their reports; empty: no report."""
    assert job.gate is not None
    groups, results = job.gate.scans or context.upstream(job), context.values.results
    scans = [other.id for other in context.jobs.values() if other.kind is JobKind.SCAN and other.group in groups]
    return {scan: results[scan].report if scan in results else "" for scan in scans}


class _Judging:
    def __init__(self, context: JobContext, job: Job, attempt: int, reports: Mapping[str, str]) -> None:
        self._context, self._job, self._attempt, self._reports = context, job, attempt, reports

    async def judge(self) -> JobResult:
        return await workflow.execute_activity_method(
            GateActivities.gate,
            self._context.input(self._job, self._attempt, self._reports),
            **options.quick(summary(self._job, self._attempt)),
        )

    async def hold(self, judged: JobResult, spec: ApprovalSpec) -> JobResult:
        """Waits until new statements open the gate, people decide, or it expires."""
        context, job = self._context, self._job
        verdicts = (f"{job.id}: {judged.reason}"[:500],)
        asked = replace(approval_job.question(context, job, spec), verdicts=verdicts)
        asked = await approval_job.with_scope(context, job, asked, self._attempt)
        context.waits_for(job.id, f"{job.id} is held: {judged.reason}"[:200])
        people = await approval_job.start(context, asked, job, self._attempt)
        judged = await self._until_open(people, judged)
        context.waits_for(job.id, "")
        if judged.status is Status.PASSED:
            return judged
        answer = await outcome_of(people, ApprovalResult)
        context.decisions[job.id] = answer.records
        if Outcome(answer.outcome) is not Outcome.GRANTED:
            return replace(judged, reason=f"{judged.reason}; held, and then {answer.reason}"[:1000])
        who = list(answer.approvers)
        why = f"opened by {', '.join(who)}, although {judged.reason}"[:1000]
        opened = replace(judged, status=Status.PASSED, failure=Failure.NONE, reason=why, outputs={"approvers": who})
        return approval_job.bound(opened, asked, answer.rule)

    async def _until_open(self, people: asyncio.Task[ApprovalResult], judged: JobResult) -> JobResult:
        """Judges again periodically; returns the open verdict, or the last one once people have decided."""
        since = workflow.time()
        while True:
            again = timedelta(seconds=gate.looks_again_s(workflow.time() - since))
            with contextlib.suppress(asyncio.TimeoutError):
                await workflow.wait_condition(
                    people.done, timeout=again, timeout_summary=f"look again at {self._job.id}"
                )
            if people.done():
                return judged
            judged = await self.judge()
            if judged.status is Status.PASSED:
                people.cancel()
                await asyncio.gather(people, return_exceptions=True)
                return judged
