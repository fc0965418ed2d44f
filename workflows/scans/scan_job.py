"""Kind `scan`: one activity, which runs the scanners and stores their report."""

from __future__ import annotations

from temporalio import workflow

from activities.scans.port import ScanActivities
from domain.jobs.result import JobResult
from domain.pipelines.job import Job
from workflows.core import activity_options as options
from workflows.jobs.runner import JobContext, summary


async def run(context: JobContext, job: Job, attempt: int) -> JobResult:
    """Runs the job's scanners in one activity, on a worker with enough capacity."""
    return await workflow.execute_activity_method(
        ScanActivities.scan, context.input(job, attempt), **options.job(job, summary(job, attempt))
    )
