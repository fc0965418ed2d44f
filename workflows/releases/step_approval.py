"""An approval between two steps of a release: a child workflow, bound to exactly this version."""

from __future__ import annotations

from collections.abc import Callable

from temporalio import workflow
from temporalio.workflow import ParentClosePolicy

from activities.runs.port import ScopeActivities, ScopeQuestion
from domain.approvals.scope import Scope
from domain.approvals.spec import ApprovalSpec
from domain.core import ids as keys
from domain.runs.approval_scope import bound
from workflows.approvals.approval import ApprovalWorkflow
from workflows.approvals.messages import ApprovalInput, ApprovalResult
from workflows.approvals.scope import BOUND_TO_ALL
from workflows.core import activity_options as options
from workflows.core import search_attributes as attributes
from workflows.core.failures import outcome_of
from workflows.releases.messages import ReleaseInput


async def _scope(input: ReleaseInput, name: str) -> str:
    """Stores what the step is bound to: this deployment, with its image or artifact. Returns its digest."""
    new = input.deployment
    scope = Scope(
        repository=new.source.repo,
        commit=new.source.commit,
        pipeline=input.pipeline,
        job=name,
        environment=new.environment,
        artifacts={new.spec.artifact: new.artifact} if new.artifact else {},
        deployments=(bound(name, new),),
    )
    return await workflow.execute_local_activity_method(
        ScopeActivities.keep_scope, ScopeQuestion(scope=scope), **options.STORED
    )


async def ask(input: ReleaseInput, name: str, asks: Callable[[], None]) -> ApprovalResult:
    """Waits for an approval before the weight rises; `name` is `ApprovalStep.name`. `asks` is called when it begins."""
    step = next(step for step in input.deployment.spec.rollout.approvals if step.name == name)
    return await ask_for(input, name, step, asks)


async def ask_for(
    input: ReleaseInput, name: str, spec: ApprovalSpec, asks: Callable[[], None] = lambda: None
) -> ApprovalResult:
    """Waits for an approval of this deployment. `asks` is called when it begins."""
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
