"""Kind `volume`: one action on a claim, as a child workflow named after the claim, so only one runs at a time."""

from __future__ import annotations

from dataclasses import replace

from temporalio import workflow
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.workflow import ParentClosePolicy

from activities.volumes.port import VolumeDone, VolumeRequest
from domain.core import ids
from domain.jobs.result import Failure, JobResult, Status
from domain.pipelines.job import Job
from workflows.core import search_attributes as attributes
from workflows.core.failures import outcome_of
from workflows.jobs.runner import JobContext
from workflows.volumes.volume import VolumeWorkflow


async def run(context: JobContext, job: Job, attempt: int) -> JobResult:
    """Runs the action in a child workflow; fails while another run changes the volume."""
    assert job.volume is not None
    wanted = job.volume
    key = ids.job_key(context.run, job.id, attempt)
    wish = VolumeRequest(wanted.cluster, wanted.spec, wanted.action, wanted.limit_s, wanted.snapshot, key)
    wish = replace(wish, run=context.run, job=job.id, attempt=attempt)
    try:
        changed = workflow.execute_child_workflow(
            VolumeWorkflow.run,
            wish,
            id=ids.volume_id(wish.cluster, wish.spec.namespace, wish.spec.name),
            parent_close_policy=ParentClosePolicy.REQUEST_CANCEL,
            static_summary=f"{wish.action} volume {wish.spec.name} in {wish.cluster}",
            search_attributes=attributes.typed(cluster=wish.cluster, namespace=wish.spec.namespace),
        )
        done = await outcome_of(changed, VolumeDone)
    except WorkflowAlreadyStartedError:
        return JobResult(Status.FAILED, "another run is changing this volume", Failure.INFRASTRUCTURE)
    return _result(wish, done, attempt)


def _result(wish: VolumeRequest, done: VolumeDone, attempt: int) -> JobResult:
    seen = done.seen
    outputs = {
        "phase": str(seen.phase),
        "volume": seen.volume,
        "snapshot": done.snapshot,
        "capacity-gb": seen.capacity_gb,
    }
    if done.refusal:
        return JobResult(Status.FAILED, done.refusal[:800], Failure.CHECK, outputs=outputs, attempt=attempt)
    return JobResult(Status.PASSED, f"{wish.action}: {done.words or seen.phase}", outputs=outputs, attempt=attempt)
