"""An approval between two steps of a release: a child workflow, bound to exactly this version.

A part of a release over many clusters asks the whole, so people are asked once, for all clusters. What they sign is
bound to the environment's rule, which holds its clusters and waves.
"""

from __future__ import annotations

from collections.abc import Callable

from temporalio import workflow
from temporalio.exceptions import FailureError
from temporalio.workflow import ParentClosePolicy

from activities.runs.port import ScopeActivities, ScopeQuestion
from domain.approvals.request import Outcome
from domain.approvals.scope import Scope
from domain.approvals.spec import ApprovalSpec
from domain.core import ids as keys
from domain.releases.spec import ApprovalStep
from domain.runs.approval_scope import bound
from workflows.approvals.approval import ApprovalWorkflow
from workflows.approvals.messages import ApprovalInput, ApprovalResult
from workflows.approvals.scope import BOUND_TO_ALL
from workflows.core import activity_options as options
from workflows.core import search_attributes as attributes
from workflows.core.failures import outcome_of
from workflows.releases.commands import Given
from workflows.releases.messages import ApprovalWanted, ReleaseInput

ASKED_ONCE = "asked-once-for-all-clusters"
"""In histories from before this patch each cluster asked for itself."""


async def _scope(input: ReleaseInput, name: str) -> str:
    """Stores what the step is bound to: this run and deployment, with its image or artifact. Returns its digest."""
    new = input.deployment
    scope = Scope(
        repository=new.source.repo,
        commit=new.source.commit,
        pipeline=input.pipeline,
        job=name,
        environment=new.environment,
        run=input.run,
        artifacts={new.spec.artifact: new.artifact} if new.artifact else {},
        deployments=tuple(bound(name, one) for one in input.beside or (new,)),
    )
    return await workflow.execute_local_activity_method(
        ScopeActivities.keep_scope, ScopeQuestion(scope=scope), **options.STORED
    )


def step_of(input: ReleaseInput, name: str) -> ApprovalStep:
    """The step of this name."""
    return next(step for step in input.deployment.spec.rollout.approvals if step.name == name)


async def ask(input: ReleaseInput, name: str, asks: Callable[[], None], given: Given) -> ApprovalResult:
    """Waits for an approval before the weight rises; `name` is `ApprovalStep.name`.

    `asks` is called when it begins, unless the whole asks: its answer is found in `given`.
    """
    step = step_of(input, name)
    if input.granted is not None and not step.in_each_cluster:
        return await _by_the_whole(input, name, given)
    if input.whole and input.deployment.cluster and not step.in_each_cluster and workflow.patched(ASKED_ONCE):
        return await _by_the_whole(input, name, given)
    return await ask_for(input, name, step, asks)


async def _by_the_whole(input: ReleaseInput, name: str, given: Given) -> ApprovalResult:
    whole = workflow.get_external_workflow_handle(input.whole)
    try:
        part = input.deployment.cluster or input.deployment.service
        await whole.signal("approval_wanted", ApprovalWanted(part, name))
    except FailureError as gone:
        return ApprovalResult(str(Outcome.REFUSED), f"{input.whole} cannot be asked: {gone}")
    await workflow.wait_condition(lambda: name in given.answers)
    answer = given.answers[name]
    return ApprovalResult(answer.outcome, answer.reason)


async def ask_for(
    input: ReleaseInput, name: str, spec: ApprovalSpec, asks: Callable[[], None] = lambda: None
) -> ApprovalResult:
    """Waits for an approval of this deployment; `asks` is called when it begins."""
    new, me = input.deployment, workflow.info().workflow_id
    scope = await _scope(input, name) if workflow.patched(BOUND_TO_ALL) else ""
    asks()
    asked = workflow.execute_child_workflow(
        ApprovalWorkflow.run,
        ApprovalInput(
            run=me,
            pipeline=input.pipeline,
            job=name,
            spec=spec,
            environment=new.environment,
            commit=new.source.commit,
            digests=tuple(x for x in (new.artifact,) if x),
            verdicts=(),
            people=input.people,
            repository=new.source.repo,
            scope=scope,
        ),
        id=keys.approval_id(me, name),
        parent_close_policy=ParentClosePolicy.REQUEST_CANCEL,
        static_summary=f"{name} of {new.service} {new.spec.version}",
        static_details=keys.console_link(keys.approval_id(me, name)),
        search_attributes=attributes.typed(
            service=new.service, environment=new.environment, commit=new.source.commit, status="waiting"
        ),
    )
    return await outcome_of(asked, ApprovalResult)
