"""Maps the kind of a job to its runner: an activity, or a child workflow for kinds with a life of their own."""

from __future__ import annotations

from collections.abc import Mapping

from temporalio.exceptions import ActivityError, ApplicationError, ChildWorkflowError, TimeoutError, TimeoutType

from domain.jobs.result import Failure, JobResult, Status
from domain.pipelines.job import Job, JobKind
from workflows.approvals import approval_job
from workflows.clusters import provision_job
from workflows.core.failures import reraise_cancelled
from workflows.jobs import process_job
from workflows.jobs.runner import JobContext, JobRunner
from workflows.releases import argocd_job, deploy_job
from workflows.scans import gate_job, scan_job
from workflows.volumes import volume_job

RUNNERS: Mapping[JobKind, JobRunner] = {
    JobKind.RUN: process_job.run,
    JobKind.BUILD: process_job.run,
    JobKind.TEST: process_job.run,
    JobKind.SCAN: scan_job.run,
    JobKind.GATE: gate_job.run,
    JobKind.APPROVAL: approval_job.run,
    JobKind.DEPLOY: deploy_job.run,
    JobKind.PROVISION: provision_job.run,
    JobKind.VOLUME: volume_job.run,
    JobKind.ARGOCD_SYNC: argocd_job.run,
}
"""A new kind is a file in each layer, and a line here."""


class JobDispatcher:
    """Runs one attempt of a job with the runner of its kind."""

    def __init__(self, context: JobContext, runners: Mapping[JobKind, JobRunner] = RUNNERS) -> None:
        self._context, self._runners = context, runners

    async def run(self, job: Job, attempt: int) -> JobResult:
        """Turns every failure into a result, except cancellation.

        Raises:
            asyncio.CancelledError: the job was cancelled.
        """
        try:
            return await self._runners[job.kind](self._context, job, attempt)
        except (ActivityError, ChildWorkflowError) as failed:
            reraise_cancelled(failed)
            return _from_failure(failed, job, attempt)
        except ApplicationError as refused:  # what the job is to be started with has no JSON
            return JobResult(Status.FAILED, f"{refused.type}: {refused.message}"[:1000], Failure.CHECK, attempt=attempt)


def _from_failure(failed: ActivityError | ChildWorkflowError, job: Job, attempt: int) -> JobResult:
    cause = failed.cause
    if isinstance(cause, TimeoutError):
        if cause.type is TimeoutType.SCHEDULE_TO_START:
            why = f"no worker took it within {job.queue_timeout_s:g} s"
            return JobResult(Status.FAILED, why, Failure.TIMEOUT, attempt=attempt)
        why = f"the worker was lost ({cause.type.name.lower() if cause.type else 'timeout'})"
        return JobResult(Status.FAILED, why, Failure.INFRASTRUCTURE, attempt=attempt)
    code = cause.type if isinstance(cause, ApplicationError) else type(cause).__name__
    return JobResult(Status.FAILED, f"{code}: {cause}"[:1000], Failure.INFRASTRUCTURE, attempt=attempt)
