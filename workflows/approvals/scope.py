"""What an approval of a run is bound to, as far as it is known when it is asked for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence

from temporalio import workflow

from activities.runs.port import ScopeActivities, ScopeQuestion
from domain.approvals.scope import BoundDeployment, Scope
from domain.jobs.result import JobResult, Status, worst
from domain.pipelines.job import Job, JobKind
from domain.runs import approval_scope as scopes
from pipeline_defs.core import expressions
from workflows.approvals.messages import ApprovalInput
from workflows.approvals.placed import placed, rule_of
from workflows.core import activity_options as options
from workflows.jobs.expression_context import Value, filled
from workflows.jobs.runner import JobContext

BOUND_TO_ALL = "approval-scope"
"""Histories from before this patch bound approvals to artifacts and verdicts alone."""


async def kept(context: JobContext, asked: ApprovalInput, attempt: int, ended: Sequence[tuple[Job, JobResult]]) -> str:
    """Stores the scope of a request, and returns its digest. `ended`: the jobs before it."""
    job = context.jobs[asked.job]
    question = ScopeQuestion(
        scope=Scope(
            repository=asked.repository,
            commit=asked.commit,
            pipeline=context.pipeline,
            job=asked.job,
            environment=asked.environment,
            parameters=scopes.parameters(context.params),
            artifacts=scopes.artifacts(ended),
            images=scopes.images(ended),
            outputs=scopes.outputs(ended),
            verdicts=asked.verdicts,
            deployments=tuple([one async for one in _deployments(context, asked.job)]),
        ),
        plan=context.plan,
        group=job.group,
        run=context.run,
        kind=job.kind,
        stage=job.stage,
        attempt=attempt,
        at=workflow.time(),
    )
    return await workflow.execute_local_activity_method(ScopeActivities.keep_scope, question, **options.STORED)


async def _deployments(context: JobContext, asks: str) -> AsyncIterator[BoundDeployment]:
    group = context.jobs[asks].group
    for job in scopes.after(list(context.jobs.values()), group):
        if job.kind is JobKind.DEPLOY and not job.skip:
            async for one in _of_job(context, job):
                yield one


async def _of_job(context: JobContext, job: Job) -> AsyncIterator[BoundDeployment]:
    """One, or one for each item of its list."""
    known = context.values.context(job, _statuses(context, job))
    try:
        items = expressions.evaluate(job.for_each, known) if job.for_each else None
    except expressions.ExpressionError as unknown:
        yield scopes.bound(job.id, scopes.deployment(job, context.source, ""), f"its list is not known yet ({unknown})")
        return
    if not isinstance(items, list):
        yield await _bound(context, job, job.id, known)
        return
    for index, item in enumerate(items):
        yield await _bound(context, job, f"{job.id}[{index}]", {**known, "item": item})


async def _bound(context: JobContext, job: Job, id_: str, known: Mapping[str, Value]) -> BoundDeployment:
    late = ""
    try:
        job = filled(job, known)
    except expressions.ExpressionError as unknown:
        late = f"it needs what is not known yet ({unknown})"
    assert job.deploy is not None
    reference = job.deploy.artifact
    found = context.values.artifacts((reference,)) if reference else {}
    content = next(iter(found.values()), "")
    if reference and not content and not late:
        late = f"artifact {reference} is not made yet"
    planned = scopes.deployment(job, context.source, content)
    if planned.spec.target == "kubernetes" and not late:
        made = await placed(planned, await rule_of(job.environment))
        if isinstance(made, str):
            late = f"it cannot be released ({made})"
        else:
            planned = made.deployment
    return scopes.bound(id_, planned, late)


def _statuses(context: JobContext, job: Job) -> dict[str, Status]:
    """The needs that have ended; the others are taken to pass, since nothing is deployed otherwise."""
    results = context.values.results
    cells = {need: context.values.cells(need) for need in job.needs}
    return {
        need: worst([results[cell].status for cell in of if cell in results]) if of else Status.PASSED
        for need, of in cells.items()
    }
