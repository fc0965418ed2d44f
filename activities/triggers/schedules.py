"""Schedules: delivers an event for the branch's current commit."""

from __future__ import annotations

import asyncio
from pathlib import Path

from temporalio import activity
from temporalio.client import WithStartWorkflowOperation
from temporalio.common import WorkflowIDConflictPolicy

from activities.core.errors import permanent
from activities.source import git
from activities.triggers import port
from activities.triggers.port import ScheduledDelivery
from domain.core import ids as keys
from domain.core.errors import SluicewayError
from domain.triggers.delivery import Delivery
from domain.triggers.events import Event
from domain.triggers.source import SourceRef


class SchedulingActivities(port.SchedulingActivities):
    """Starts the pipeline's workflow if needed, and delivers to it."""

    @activity.defn(name="deliver-schedule")
    async def deliver(self, input: ScheduledDelivery, id_: str) -> str:
        """Idempotent by the id of the workflow that the schedule started."""
        try:
            delivery = await asyncio.to_thread(delivery_of, input, id_)
        except SluicewayError as gone:
            raise permanent(gone.code, str(gone)) from gone
        name = keys.pipeline_id(input.pipeline)
        start: WithStartWorkflowOperation[object, object] = WithStartWorkflowOperation(
            "Pipeline",
            {"name": input.pipeline},
            id=name,
            task_queue=activity.info().task_queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            static_summary=f"pipeline {input.pipeline}",
        )
        answer = await activity.client().execute_update_with_start_workflow(
            "deliver", delivery, id=id_, start_workflow_operation=start, result_type=dict
        )
        return str(answer["run"])


def delivery_of(input: ScheduledDelivery, id_: str) -> Delivery:
    """The branch as it is now. There is nothing to compare it with: every file counts as changed."""
    repo = Path(input.repo)
    commit = git.resolve(repo, f"refs/heads/{input.branch}" if input.branch else "HEAD")
    known = git.describe(repo, commit)
    event = Event(
        input.kind,
        input.repo,
        commit,
        branch=input.branch,
        author=known.author,
        committer=known.committer,
        actor=input.actor,
        message=known.message,
        compared=False,
    )
    return Delivery(id_, event, input.path, SourceRef(input.repo, commit), input.pipeline)
