"""Kind `deploy`: checks the environment's rules, reserves a number, and runs a release as a child workflow."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import replace

from temporalio import workflow
from temporalio.exceptions import ChildWorkflowError
from temporalio.workflow import ParentClosePolicy

from activities.releases.port import NumberingActivities, ReserveRelease
from activities.releases.rendering.port import RENDERED, Shown
from activities.supply_chain.port import Admitted, ImageAdmissionActivities, ImageQuestion
from domain.approvals import decisions
from domain.approvals.request import EnvironmentRule
from domain.core import ids
from domain.jobs.result import Failure, JobResult, Status
from domain.pipelines.job import Job
from domain.releases.actions import ReleaseResult, ReleaseVerdict
from domain.releases.deploy_spec import DeploySpec
from domain.releases.kubernetes.registered import registered
from domain.releases.waves.plan import plan
from domain.runs.approval_scope import deployment
from domain.runs.change_people import people_of
from domain.secrets.rules import SecretUse
from workflows.approvals.placed import placed, rule_of
from workflows.core import activity_options as options
from workflows.core import search_attributes as attributes
from workflows.core.failures import outcome_of
from workflows.jobs.runner import JobContext
from workflows.releases import approved, together_job
from workflows.releases.messages import ReleaseInput, WavesInput

STATUS_OF = {
    ReleaseVerdict.LIVE: Status.PASSED,
    ReleaseVerdict.ROLLED_BACK: Status.ROLLED_BACK,
    ReleaseVerdict.ABORTED: Status.ROLLED_BACK,
    ReleaseVerdict.FAILED: Status.FAILED,
}


async def run(context: JobContext, job: Job, attempt: int) -> JobResult:
    """Releases the job's version, or refuses when the environment's rules are not met."""
    assert job.deploy is not None
    rule = await rule_of(job.environment)
    ready = await _ready(context, job, attempt, rule)
    input: JobResult | ReleaseInput
    input, images = (ready, dict[str, str]()) if isinstance(ready, JobResult) else ready
    result: JobResult | ReleaseResult
    if job.deploy.together is not None:
        result = await together_job.run(context, job, attempt, input, rule)
    else:
        result = input if isinstance(input, JobResult) else await _released(context, job, input, rule)
    if isinstance(result, JobResult):
        return result
    assert isinstance(input, ReleaseInput)
    return _ended(input.deployment.spec, result, images, attempt)


def _ended(spec: DeploySpec, result: ReleaseResult, images: dict[str, str], attempt: int) -> JobResult:
    """What a release gives its job."""
    status = STATUS_OF[result.verdict]
    failure = Failure.NONE if status is Status.PASSED else Failure.CHECK
    outputs = {"address": result.address, "version": result.live, "images": images}
    objects = {RENDERED: spec.kubernetes.rendered} if spec.kubernetes else {}
    return JobResult(status, result.reason, failure, artifacts=objects, outputs=outputs, attempt=attempt)


async def _ready(
    context: JobContext, job: Job, attempt: int, rule: EnvironmentRule
) -> JobResult | tuple[ReleaseInput, dict[str, str]]:
    """What is to be released, with its number, and its images as they were admitted; a result when it may not."""
    assert job.deploy is not None
    unprotected = decisions.protection(rule, {one.environment for one, _ in context.granted(job)})
    if unprotected:
        return JobResult(Status.REFUSED, unprotected, Failure.CHECK, attempt=attempt)
    artifact = next(iter(context.values.artifacts((job.deploy.artifact,)).values()), "") if job.deploy.artifact else ""
    there = await placed(deployment(job, context.source, artifact), rule, _shown(context, job, attempt))
    if isinstance(there, str):
        return JobResult(Status.REFUSED, there, Failure.CHECK, attempt=attempt)
    planned = there.deployment
    if uncovered := await approved.uncovered(context, job, planned, rule):
        return JobResult(Status.REFUSED, uncovered, Failure.CHECK, attempt=attempt)
    number = await _number(context, job, attempt)
    spec = planned.spec
    digests: dict[str, str] = {}
    for image in there.images:  # a source may bring containers of its own
        admitted = await _admitted(context, job, replace(spec, image=image))
        if admitted.refusal:
            return JobResult(Status.REFUSED, admitted.refusal, Failure.CHECK, attempt=attempt)
        digests[image] = admitted.image
    if spec.target == "docker" or (spec.target == "kubernetes" and spec.image):
        admitted = await _admitted(context, job, spec)
        if admitted.refusal:
            return JobResult(Status.REFUSED, admitted.refusal, Failure.CHECK, attempt=attempt)
        digests[spec.image] = admitted.image
        spec = replace(spec, image=admitted.image)
    if spec.kubernetes:
        moved = {name: image for name, image in digests.items() if image not in (name, "")}
        spec = replace(spec, kubernetes=replace(spec.kubernetes, digests=moved))
    if spec.artifact and not artifact:
        return JobResult(Status.FAILED, f"artifact {spec.artifact} does not exist in this run", Failure.CHECK)
    pulls = bool(spec.kubernetes and spec.kubernetes.place.logins)
    use = context.secret_use(job) if job.secrets or pulls else SecretUse()
    new = replace(planned, spec=spec, instance=f"r{number}", use=use)
    input = ReleaseInput(
        run=context.run,
        number=number,
        deployment=new,
        target=spec.target,
        job=job.id,
        attempt=attempt,
        pipeline=context.pipeline,
        commit=context.event.commit,
        people=people_of(context.event, context.source),
    )
    return input, digests


def _shown(context: JobContext, job: Job, attempt: int) -> Shown:
    return Shown(
        run=context.run, job=job.id, attempt=attempt, kind=job.kind, stage=job.stage, at=workflow.now().timestamp()
    )


async def _number(context: JobContext, job: Job, attempt: int) -> int:
    return await workflow.execute_activity_method(
        NumberingActivities.reserve,
        ReserveRelease(job.environment, f"{context.run}/{job.id}/{attempt}"),
        **options.quick(f"number of the release to {job.environment}"),
    )


async def _admitted(context: JobContext, job: Job, spec: DeploySpec) -> Admitted:
    """The image with its digest, if the environment admits it. Later rollbacks to it are not checked again."""
    return await workflow.execute_activity_method(
        ImageAdmissionActivities.admit,
        ImageQuestion(
            *(spec.image, job.environment, context.run, context.event.repo, spec.target == "docker", job.id),
            use=context.secret_use(job),
        ),
        **options.image_pull(f"image of {spec.service} for {job.environment}"),
    )


async def _released(context: JobContext, job: Job, input: ReleaseInput, rule: EnvironmentRule) -> ReleaseResult:
    """By a release to one place; or to several clusters, by one that has parts."""
    new, spec = input.deployment, input.deployment.spec
    context.waits_for(job.id, f"release of {spec.service} {spec.version} to {job.environment}")
    id_ = ids.release_id(spec.service, job.environment, input.number)
    target = registered(rule.kubernetes)
    several = target is not None and bool(target.waves.clusters)
    released: Awaitable[ReleaseResult] = workflow.execute_child_workflow(
        "Waves" if several else "Release",
        WavesInput(release=input, plan=plan(target.waves), target=rule.kubernetes) if target and several else input,
        result_type=ReleaseResult,
        id=id_,
        parent_close_policy=ParentClosePolicy.REQUEST_CANCEL,
        static_summary=f"{spec.service} {spec.version} to {job.environment}",
        static_details=ids.console_link(id_),
        search_attributes=attributes.typed(
            pipeline=context.pipeline,
            service=spec.service,
            environment=job.environment,
            commit=context.event.commit,
            digest=new.artifact,
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
