"""An approval between two steps of a release: a child workflow, bound to exactly this version."""

from __future__ import annotations

from temporalio import workflow
from temporalio.workflow import ParentClosePolicy

from domain.core import ids as keys
from workflows.approvals.approval import ApprovalWorkflow
from workflows.approvals.messages import ApprovalInput, ApprovalResult
from workflows.core import search_attributes as attributes
from workflows.core.failures import outcome_of
from workflows.releases.messages import ReleaseInput


async def ask(input: ReleaseInput, name: str) -> ApprovalResult:
    """Waits for an approval before the weight rises; `name` is `ApprovalStep.name`."""
    new, me = input.deployment, workflow.info().workflow_id
    step = next(step for step in new.spec.rollout.approvals if step.name == name)
    asked = workflow.execute_child_workflow(
        ApprovalWorkflow.run,
        ApprovalInput(
            run=me,
            pipeline=input.pipeline,
            job=name,
            spec=step,
            environment=new.environment,
            commit=new.source.commit,
            digests=tuple(x for x in (new.artifact,) if x),
            verdicts=(),
            people=input.people,
        ),
        id=keys.approval_id(me, name),
        parent_close_policy=ParentClosePolicy.REQUEST_CANCEL,
        static_summary=f"{name} of {new.service} {new.spec.version}",
        search_attributes=attributes.typed(
            service=new.service, environment=new.environment, commit=new.source.commit, status="waiting"
        ),
    )
    return await outcome_of(asked, ApprovalResult)
