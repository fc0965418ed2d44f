"""The deploy jobs of several services that are released as one: each is prepared by itself, and then they go on as one.

Nothing is started unless every service may be released.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace

from temporalio import workflow
from temporalio.exceptions import ChildWorkflowError
from temporalio.workflow import ParentClosePolicy

from activities.releases.port import NumberingActivities, ReserveRelease
from domain.approvals.request import EnvironmentRule
from domain.core import ids
from domain.jobs.result import Failure, JobResult, Status
from domain.pipelines.job import Job
from domain.releases.actions import ReleaseResult, ReleaseVerdict
from domain.releases.kubernetes.registered import registered
from domain.releases.together.order import order
from domain.releases.together.spec import ONE_PLACE, Together, refused_in
from domain.releases.waves.progress import ClusterState, Standing
from workflows.core import activity_options as options
from workflows.core import search_attributes as attributes
from workflows.core.failures import outcome_of
from workflows.jobs.runner import JobContext
from workflows.releases.messages import ReleaseInput, TogetherInput

VERDICT_OF = {Standing.LIVE: ReleaseVerdict.LIVE, Standing.BROKEN: ReleaseVerdict.FAILED}
"""All others have gone back, or never began."""


@dataclass
class _All:
    """What the jobs of the services share."""

    together: Together
    ready: dict[str, ReleaseInput] = field(default_factory=dict)
    left: dict[str, str] = field(default_factory=dict)
    """Service that is not released to why."""
    released: asyncio.Task[ReleaseResult] | None = None

    @property
    def complete(self) -> bool:
        return set(self.ready) == set(self.together.needs)


async def run(
    context: JobContext, job: Job, attempt: int, ready: JobResult | ReleaseInput, rule: EnvironmentRule
) -> JobResult | ReleaseResult:
    """Releases the service with the others; a job's result when one of them may not be released."""
    assert job.deploy is not None
    assert job.deploy.together is not None
    all_ = context.shared.setdefault(f"{job.group}/{attempt}", _All(job.deploy.together))
    assert isinstance(all_, _All)
    service, refused = job.deploy.service, await _gathered(context, job, all_, ready, rule)
    if refused is not None:
        return replace(refused, attempt=attempt)
    if all_.released is None:
        all_.released = asyncio.create_task(_released(context, job, attempt, all_))
    result = await _end(all_.released)
    return _of_service(result, service, all_.ready[service].deployment.spec.version)


async def _gathered(
    context: JobContext, job: Job, all_: _All, ready: JobResult | ReleaseInput, rule: EnvironmentRule
) -> JobResult | None:
    """None once each of the services may be released; else why this one is not."""
    assert job.deploy is not None
    service, target = job.deploy.service, registered(rule.kubernetes)
    if target is not None and (why := refused_in(job.environment, len(target.waves.clusters))):
        ready = JobResult(Status.REFUSED, f"{ONE_PLACE}: {why}", Failure.CHECK)
    if isinstance(ready, JobResult):
        all_.left[service] = ready.reason
        return ready
    all_.ready[service] = ready
    try:
        await workflow.wait_condition(lambda: all_.complete or bool(all_.left or _ended(context, job, all_)))
    except asyncio.CancelledError:
        all_.left.setdefault(service, "it was cancelled")
        raise
    if all_.complete:
        return None
    other, why = next(iter((all_.left or _ended(context, job, all_)).items()))
    return JobResult(Status.REFUSED, f"{all_.together.name} is released as one, without {other}: {why}", Failure.CHECK)


def _ended(context: JobContext, job: Job, all_: _All) -> dict[str, str]:
    """Services whose jobs have ended already, and do not take part."""
    others = [one for one in context.jobs.values() if one.group == job.group and one.deploy is not None]
    results = context.values.results
    return {
        one.deploy.service: f"it is {results[one.id].status} already"
        for one in others
        if one.deploy is not None and one.id in results and one.deploy.service not in all_.ready
    }


async def _end(released: asyncio.Task[ReleaseResult]) -> ReleaseResult:
    """The result; a cancel of any of the jobs cancels the release once, and its way back is waited for."""
    while not released.done():
        try:
            await workflow.wait_condition(released.done)
        except asyncio.CancelledError:
            if not released.cancelling():
                released.cancel()
    return released.result()


async def _released(context: JobContext, job: Job, attempt: int, all_: _All) -> ReleaseResult:
    key = f"{context.run}/{job.group}/{attempt}"
    number = await workflow.execute_activity_method(
        NumberingActivities.reserve,
        ReserveRelease(job.environment, key),
        **options.quick(f"number of the release of {all_.together.name}"),
    )
    needs = {name: tuple(all_.together.needs[name]) for name in order(all_.together.needs)}
    inputs = tuple(all_.ready[name] for name in needs)
    first, name = inputs[0], all_.together.name
    new = replace(first.deployment, service=name, instance=f"r{number}", artifact="")
    whole = replace(first, number=number, deployment=new, job=job.group, beside=tuple(one.deployment for one in inputs))
    id_ = ids.release_id(name, job.environment, number)
    context.waits_for(job.id, f"release of {name} ({', '.join(needs)}) to {job.environment}")
    child = workflow.execute_child_workflow(
        "Together",
        TogetherInput(release=whole, parts=inputs, needs=needs),
        result_type=ReleaseResult,
        id=id_,
        parent_close_policy=ParentClosePolicy.REQUEST_CANCEL,
        static_summary=f"{name} {new.spec.version} to {job.environment}: {', '.join(needs)}",
        static_details=ids.console_link(id_),
        search_attributes=attributes.typed(
            pipeline=context.pipeline,
            service=name,
            environment=job.environment,
            commit=context.event.commit,
            status="running",
        ),
    )
    try:
        return await outcome_of(child, ReleaseResult)
    except ChildWorkflowError:
        if id_ not in context.releases:
            raise
        return context.releases[id_]
    finally:
        context.waits_for(job.id, "")


def _of_service(result: ReleaseResult, service: str, version: str) -> ReleaseResult:
    """What the release of all of them says of one; before it has begun, it has gone back to what was there."""
    state = result.clusters.get(service, ClusterState(standing=Standing.BACK))
    verdict, reason = VERDICT_OF.get(state.standing, ReleaseVerdict.ROLLED_BACK), state.reason or result.reason
    live = version if verdict is ReleaseVerdict.LIVE else ""
    return replace(result, verdict=verdict, version=version, live=live, reason=reason, address=state.address)
