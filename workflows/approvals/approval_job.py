"""Kind `approval`: a child workflow that waits for decisions, bound to everything that the job needs."""

from __future__ import annotations

from dataclasses import replace

from temporalio import workflow
from temporalio.workflow import ParentClosePolicy

from activities.runs.port import GrantQuestion, RerunActivities
from domain.approvals.request import DecisionReason, Outcome
from domain.approvals.scope import SUBJECT
from domain.approvals.spec import ApprovalSpec
from domain.core import ids
from domain.jobs.result import Failure, JobResult, Status
from domain.pipelines.job import Job, JobKind
from domain.runs.approval_scope import PEOPLE
from domain.runs.change_people import people_of
from workflows.approvals import scope
from workflows.approvals.approval import ApprovalWorkflow
from workflows.approvals.messages import ApprovalInput, ApprovalResult
from workflows.core import activity_options as options
from workflows.core import search_attributes as attributes
from workflows.core.failures import outcome_of
from workflows.jobs.runner import JobContext

MAX_BOUND = 200
"""Digests and verdicts that an approval is bound to."""
STATUS_OF = {
    Outcome.GRANTED: Status.PASSED,
    Outcome.REFUSED: Status.REFUSED,
    Outcome.EXPIRED: Status.EXPIRED,
}

ApprovalHandle = workflow.ChildWorkflowHandle[ApprovalWorkflow, ApprovalResult]


async def run(context: JobContext, job: Job, attempt: int) -> JobResult:
    """The result of the approval; a rerun reuses decisions that were granted for the same subject.

    Outputs: `approvers`, the names that counted.
    """
    assert job.approval is not None
    asked = await with_scope(context, job, question(context, job, job.approval), attempt)
    if context.earlier and attempt == 1 and (granted := await _granted_before(context, asked)):
        return granted
    context.waits_for(job.id, f"approval of {job.id}")
    answer = await outcome_of(await start(context, asked, job, attempt), ApprovalResult)
    context.waits_for(job.id, "")
    context.decisions[job.id] = answer.records
    status = STATUS_OF[Outcome(answer.outcome)]
    failure = Failure.NONE if status is Status.PASSED else Failure.CHECK
    result = JobResult(status, answer.reason, failure, outputs={"approvers": list(answer.approvers)}, attempt=attempt)
    return bound(result, asked, answer.rule)


def bound(result: JobResult, asked: ApprovalInput, rule: str) -> JobResult:
    """The result with what was approved: deployments and reruns are compared with it."""
    return replace(result, artifacts={**result.artifacts, SUBJECT: asked.scope}, rule=rule) if asked.scope else result


async def with_scope(context: JobContext, job: Job, asked: ApprovalInput, attempt: int) -> ApprovalInput:
    """The request bound to everything after it, unless the run began with an engine that bound less."""
    if not workflow.patched(scope.BOUND_TO_ALL):
        return asked
    return replace(asked, scope=await scope.kept(context, asked, attempt, _before(context, job)))


def _before(context: JobContext, job: Job) -> list[tuple[Job, JobResult]]:
    """The jobs before it that have ended, with their results."""
    results = context.values.results
    upstream = [cell for group in sorted(context.upstream(job)) for cell in context.values.cells(group)]
    return [(context.jobs[id_], results[id_]) for id_ in upstream if id_ in results]


def question(context: JobContext, job: Job, spec: ApprovalSpec) -> ApprovalInput:
    """The request: all upstream results by digest, and the gates' verdicts."""
    ended = _before(context, job)
    digests = sorted({digest for one, result in ended for digest in _digests(one, result)})
    verdicts = sorted(f"{one.id}={result.status}" for one, result in ended if one.kind is JobKind.GATE)
    event = context.event
    return ApprovalInput(
        run=context.run,
        pipeline=context.pipeline,
        job=job.id,
        spec=spec,
        environment=job.environment,
        commit=event.commit,
        digests=tuple(digests[:MAX_BOUND]),
        verdicts=tuple(verdicts[:MAX_BOUND]),
        people=people_of(event, context.source),
        repository=context.source.repo or event.repo,
    )


def _digests(job: Job, result: JobResult) -> list[str]:
    """Of what a job made: its artifacts, and the images that it built. What people decided is none."""
    images = [str(result.outputs[name]) for name in ("digest", "reference") if result.outputs.get(name)]
    return [*(() if job.kind in PEOPLE else result.artifacts.values()), *images]


async def start(context: JobContext, asked: ApprovalInput, job: Job, attempt: int) -> ApprovalHandle:
    """Starts the approval as a child of the run; its id includes the attempt from the second one on."""
    id_ = ids.approval_id(asked.run, job.id if attempt == 1 else f"{job.id}/{attempt}")
    return await workflow.start_child_workflow(
        ApprovalWorkflow.run,
        asked,
        id=id_,
        parent_close_policy=ParentClosePolicy.REQUEST_CANCEL,
        static_summary=f"{job.id} of {context.pipeline} #{context.number}",
        static_details=ids.console_link(id_),
        search_attributes=attributes.typed(
            pipeline=context.pipeline, environment=job.environment, commit=asked.commit, status="waiting"
        ),
    )


async def _granted_before(context: JobContext, asked: ApprovalInput) -> JobResult | None:
    """The previous attempt's decisions, if they were given for exactly the same subject."""
    grant = await workflow.execute_local_activity_method(
        RerunActivities.granted_before,
        GrantQuestion(
            earlier=context.earlier,
            job=asked.job,
            spec=asked.spec,
            environment=asked.environment,
            commit=asked.commit,
            digests=asked.digests,
            verdicts=asked.verdicts,
            people=asked.people,
            repository=asked.repository,
            scope=asked.scope,
        ),
        **options.LOCAL,
    )
    if not grant.records:
        return None
    context.decisions[asked.job] = grant.records
    approvers = [r.decision.approver for r in grant.records if r.rule is DecisionReason.COUNTED]
    why = f"approved by {', '.join(approvers)} in {grant.run}, for exactly the same subject"
    result = JobResult(Status.PASSED, why, outputs={"approvers": approvers}, reused=grant.run)
    return bound(result, asked, grant.rule)
