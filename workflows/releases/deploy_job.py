"""Kind `deploy`: checks the environment's rules, reserves a number, and runs a release as a child workflow."""

from __future__ import annotations

from dataclasses import replace

from temporalio import workflow
from temporalio.exceptions import ChildWorkflowError
from temporalio.workflow import ParentClosePolicy

from activities.access.port import IdentityActivities
from activities.releases.port import NumberingActivities, ReserveRelease
from activities.supply_chain.port import Admitted, ImageAdmissionActivities, ImageQuestion
from domain.approvals import decisions
from domain.approvals.request import ChangeAuthors
from domain.core import ids
from domain.jobs.result import Failure, JobResult, Status
from domain.pipelines.job import Job, JobKind
from domain.releases.actions import ReleaseResult, ReleaseVerdict
from domain.releases.deploy_spec import DeploySpec
from domain.releases.deployment import Deployment
from workflows.core import activity_options as options
from workflows.core import search_attributes as attributes
from workflows.core.failures import outcome_of
from workflows.jobs.runner import JobContext
from workflows.releases.messages import ReleaseInput
from workflows.releases.release import ReleaseWorkflow

STATUS_OF = {
    ReleaseVerdict.LIVE: Status.PASSED,
    ReleaseVerdict.ROLLED_BACK: Status.ROLLED_BACK,
    ReleaseVerdict.ABORTED: Status.ROLLED_BACK,
    ReleaseVerdict.FAILED: Status.FAILED,
}


async def run(context: JobContext, job: Job, attempt: int) -> JobResult:
    """Releases the job's version, or refuses when the environment's rules are not met."""
    assert job.deploy is not None
    rule = await workflow.execute_local_activity_method(
        IdentityActivities.environment_rule, job.environment, **options.LOCAL
    )
    unprotected = decisions.protection(rule, _approved(context, job))
    if unprotected:
        return JobResult(Status.REFUSED, unprotected, Failure.CHECK, attempt=attempt)
    number = await _number(context, job, attempt)
    spec = job.deploy
    if spec.target == "docker":
        admitted = await _admitted(job, spec)
        if admitted.refusal:
            return JobResult(Status.REFUSED, admitted.refusal, Failure.CHECK, attempt=attempt)
        spec = replace(spec, image=admitted.image)
    artifact = next(iter(context.values.artifacts((spec.artifact,)).values()), "") if spec.artifact else ""
    if spec.artifact and not artifact:
        return JobResult(Status.FAILED, f"artifact {spec.artifact} does not exist in this run", Failure.CHECK)
    deployment = Deployment(
        service=spec.service,
        environment=job.environment,
        instance=f"r{number}",
        spec=spec,
        source=context.source,
        artifact=artifact,
        env=job.env,
        secrets=job.secrets,
    )
    result = await _released(context, job, deployment, number)
    status = STATUS_OF[result.verdict]
    failure = Failure.NONE if status is Status.PASSED else Failure.CHECK
    outputs = {"address": result.address, "version": result.live}
    return JobResult(status, result.reason, failure, outputs=outputs, attempt=attempt)


def _approved(context: JobContext, job: Job) -> set[str]:
    """Environments whose approval was granted before this job."""
    upstream, results = context.upstream(job), context.values.results
    return {
        other.environment
        for other in context.jobs.values()
        if other.kind is JobKind.APPROVAL
        and other.group in upstream
        and other.id in results
        and results[other.id].status is Status.PASSED
    }


async def _number(context: JobContext, job: Job, attempt: int) -> int:
    return await workflow.execute_activity_method(
        NumberingActivities.reserve,
        ReserveRelease(job.environment, f"{context.run}/{job.id}/{attempt}"),
        **options.quick(f"number of the release to {job.environment}"),
    )


async def _admitted(job: Job, spec: DeploySpec) -> Admitted:
    """The image with its digest, if the environment admits it. Later rollbacks to it are not checked again."""
    return await workflow.execute_activity_method(
        ImageAdmissionActivities.admit,
        ImageQuestion(spec.image, job.environment),
        **options.image_pull(f"image of {spec.service} for {job.environment}"),
    )


async def _released(context: JobContext, job: Job, deployment: Deployment, number: int) -> ReleaseResult:
    spec, event = deployment.spec, context.event
    context.waits_for(job.id, f"release of {spec.service} {spec.version} to {job.environment}")
    id_ = ids.release_id(spec.service, job.environment, number)
    released = workflow.execute_child_workflow(
        ReleaseWorkflow.run,
        ReleaseInput(
            run=context.run,
            number=number,
            deployment=deployment,
            target=spec.target,
            pipeline=context.pipeline,
            commit=event.commit,
            people=ChangeAuthors(event.author, event.committer, event.actor),
        ),
        id=id_,
        parent_close_policy=ParentClosePolicy.REQUEST_CANCEL,
        static_summary=f"{spec.service} {spec.version} to {job.environment}",
        search_attributes=attributes.typed(
            pipeline=context.pipeline,
            service=spec.service,
            environment=job.environment,
            commit=event.commit,
            digest=deployment.artifact,
            status="running",
        ),
    )
    try:
        result = await outcome_of(released, ReleaseResult)
    except ChildWorkflowError:
        if id_ not in context.releases:
            raise
        result = context.releases[id_]
    context.waits_for(job.id, "")
    return result
