"""Kinds `run`, `build` and `test`: one activity, which owns the job's processes."""

from __future__ import annotations

from temporalio import workflow

from activities.jobs.port import JobActivities
from domain.jobs.result import JobResult
from domain.pipelines.job import Job
from workflows.core import activity_options as options
from workflows.jobs.runner import JobContext, summary


async def run(context: JobContext, job: Job, attempt: int) -> JobResult:
    """Runs the job's steps in one activity, on a worker with enough capacity."""
    return await workflow.execute_activity_method(
        JobActivities.run_job, context.input(job, attempt), **options.job(job, summary(job, attempt))
    )
