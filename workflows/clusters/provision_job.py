"""Kind `provision`: creates a cluster in a child workflow that outlives the job, and the run unless it is ephemeral."""

from __future__ import annotations

import asyncio
import contextlib
import re
from dataclasses import replace

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, WorkflowAlreadyStartedError
from temporalio.workflow import ParentClosePolicy

from activities.clusters.port import ClusterRequest, ProvisionActivities, Settled
from domain.clusters.lifecycle import Status as Life
from domain.clusters.spec import ClusterSpec, taken_from_worker
from domain.core import ids
from domain.jobs.result import Failure, JobResult, Status
from domain.pipelines.job import Job
from workflows.clusters.cluster import ClusterWorkflow
from workflows.clusters.messages import ClusterState
from workflows.core import activity_options as options
from workflows.core import search_attributes as attributes
from workflows.core.failures import leave_alone
from workflows.jobs.runner import JobContext

NAME = re.compile(r"[a-z][a-z0-9-]{0,62}\Z")


async def run(context: JobContext, job: Job, attempt: int) -> JobResult:
    """Outputs tell how to reach the cluster; also set for a cluster whose creation failed."""
    assert job.provision is not None
    context.waits_for(job.id, f"cluster {job.provision.name}")
    try:
        return await _provisioned(context, job, attempt)
    finally:
        context.waits_for(job.id, "")


async def _provisioned(context: JobContext, job: Job, attempt: int) -> JobResult:
    assert job.provision is not None
    name, ephemeral = job.provision.name.lower(), job.provision.ephemeral
    if not NAME.match(name):
        return JobResult(Status.FAILED, f"'{name}' is not a valid cluster name", Failure.CHECK, attempt=attempt)
    use = replace(context.secret_use(job), cell=job.id, attempt=attempt)
    spec = replace(job.provision.cluster, name=name, use=use)
    taken = taken_from_worker(spec)
    refused = f"SLW040: {taken} names a file or a variable of the worker" if taken else await _asked(spec, job, attempt)
    if refused:
        return JobResult(Status.FAILED, refused, Failure.CHECK, attempt=attempt)
    try:
        settled = await workflow.execute_activity_method(
            ProvisionActivities.settle, name, **options.wait_for_cluster(f"cluster {name}")
        )
    except (asyncio.CancelledError, ActivityError):
        if ephemeral:
            await asyncio.shield(_delete(name))
        raise
    return _result(settled, name, attempt)


async def _asked(spec: ClusterSpec, job: Job, attempt: int) -> str:
    """Starts the cluster's workflow, or updates the existing cluster; returns the error, or an empty text."""
    assert job.provision is not None
    ephemeral, me = job.provision.ephemeral, workflow.info().workflow_id
    try:
        cluster = await workflow.start_child_workflow(
            ClusterWorkflow.run,
            ClusterState(spec, owner=me if ephemeral else "", inventory=True),
            id=ids.cluster_id(spec.name),
            parent_close_policy=ParentClosePolicy.ABANDON,
            cancellation_type=workflow.ChildWorkflowCancellationType.ABANDON,
            static_summary=f"cluster {spec.name} ({spec.provider})",
            search_attributes=attributes.typed(cluster=spec.name, status="requested"),
        )
        leave_alone(cluster)
    except WorkflowAlreadyStartedError:
        if ephemeral:
            return f"cluster {spec.name} already exists, but an ephemeral cluster must be new"
        return await workflow.execute_activity_method(
            ProvisionActivities.change,
            ClusterRequest(spec, f"{me}/{job.id}/{attempt}"),
            **options.quick(f"change cluster {spec.name}"),
        )
    return ""


def _result(settled: Settled, name: str, attempt: int) -> JobResult:
    outputs = {
        "cluster": name,
        "kubeconfig": settled.kubeconfig,
        "version": settled.version,
        "nodes": settled.nodes,
    }
    if settled.status is Life.READY:
        return JobResult(Status.PASSED, f"cluster {name} is ready", outputs=outputs, attempt=attempt)
    why = f"cluster {name} is {settled.status}: {settled.reason}"[:800]
    return JobResult(Status.FAILED, why, Failure.CHECK, outputs=outputs, attempt=attempt)


async def delete_ephemeral(context: JobContext) -> None:
    """Deletes the clusters that this run owns."""
    results = context.values.results
    made = [job.id for job in context.jobs.values() if job.provision and job.provision.ephemeral]
    ended = [results[id_] for id_ in made if id_ in results]
    names = {str(one.outputs["cluster"]) for one in ended if "cluster" in one.outputs}
    await asyncio.gather(*(_delete(name) for name in sorted(names)))


async def _delete(name: str) -> None:
    """Deletes a cluster and waits until it is gone; an already deleted one is fine."""
    with contextlib.suppress(ApplicationError):
        await workflow.get_external_workflow_handle(ids.cluster_id(name)).cancel()
    await workflow.execute_activity_method(
        ProvisionActivities.gone, name, **options.wait_for_cluster(f"delete cluster {name}")
    )
