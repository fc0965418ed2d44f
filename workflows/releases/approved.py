"""Whether the approvals before a deploy job were granted for exactly what it is about to deploy."""

from __future__ import annotations

from temporalio import workflow

from activities.runs.port import DeployQuestion, ScopeActivities
from domain.approvals.request import EnvironmentRule
from domain.approvals.scope import SUBJECT, TIGHTENED
from domain.pipelines.job import Job
from domain.releases.deployment import Deployment
from domain.runs.approval_scope import bound
from workflows.core import activity_options as options
from workflows.jobs.runner import JobContext


async def uncovered(context: JobContext, job: Job, planned: Deployment, rule: EnvironmentRule) -> str:
    """Why no approval for its environment covers a deployment, with its code; empty: one does, or none was asked.

    An approval by an engine that bound less, from before an upgrade, is not compared.
    """
    asked = [(one, result) for one, result in context.granted(job) if one.environment == job.environment]
    if not asked or any(SUBJECT not in result.artifacts for _, result in asked):
        return ""
    now = [result.artifacts[SUBJECT] for _, result in asked if rule.is_of(result.rule)]
    if not now:
        names = ", ".join(one.id for one, _ in asked)
        why = f"the rule of environment {job.environment} changed after {names} was granted"
        return f"{TIGHTENED}: {why}; run it again, so that it is asked for under the new rule"
    question = DeployQuestion(tuple(now), bound(job.id, planned))
    return await workflow.execute_local_activity_method(ScopeActivities.uncovered, question, **options.STORED)
