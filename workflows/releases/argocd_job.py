"""Kind `argocd-sync`: brings an Application of Argo CD to a revision, and waits until it is healthy there."""

from __future__ import annotations

from temporalio import workflow

from activities.releases.argocd.port import ArgocdActivities, SyncRequest
from domain.core import ids
from domain.jobs.result import Failure, JobResult, Status
from domain.pipelines.job import Job
from workflows.core import activity_options as options
from workflows.jobs.runner import JobContext


async def run(context: JobContext, job: Job, attempt: int) -> JobResult:
    """An attempt of its own asks for a sync of its own."""
    assert job.argocd_sync is not None
    wish = job.argocd_sync
    key = ids.job_key(context.run, job.id, attempt)
    context.waits_for(job.id, f"Application {wish.namespace}/{wish.application} of {wish.cluster}")
    try:
        done = await workflow.execute_activity_method(
            ArgocdActivities.sync,
            SyncRequest(wish, key, run=context.run, job=job.id, attempt=attempt),
            **options.argocd_sync(wish.limit_s, f"sync {wish.application} in {wish.cluster}"),
        )
    finally:
        context.waits_for(job.id, "")
    outputs = {"revision": done.revision}
    if done.refusal:
        return JobResult(Status.FAILED, done.refusal[:800], Failure.CHECK, outputs=outputs, attempt=attempt)
    return JobResult(Status.PASSED, done.words, outputs=outputs, attempt=attempt)
