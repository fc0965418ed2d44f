"""Whether a run may start: what its pods need fits the quotas of their namespaces."""

from __future__ import annotations

from collections.abc import Iterable

from temporalio import workflow

from activities.pods.port import Demand, QuotaAdmissionActivities
from domain.jobs import job_pod
from domain.pipelines.job import Job
from workflows.core import activity_options as options


async def refused(jobs: Iterable[Job]) -> str:
    """Why the run may not start; empty: it may. Clusters that the run itself creates are not checked yet."""
    pods = [job for job in jobs if job.container and job.container.cluster and not job.skip]
    demands = [
        Demand(job.id, job.container.cluster, job.container.namespace, job_pod.demand(job))
        for job in pods
        if job.container and "${{" not in job.container.cluster
    ]
    if not demands:
        return ""
    found = await workflow.execute_activity_method(
        QuotaAdmissionActivities.admit, demands, **options.quick("check quotas")
    )
    return "; ".join(found)[:800]
