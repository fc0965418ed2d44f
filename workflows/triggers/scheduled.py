"""`scheduled/NAME/…`: started by a Temporal schedule; delivers one event to its pipeline, and ends."""

from __future__ import annotations

from temporalio import workflow

from activities.triggers.port import ScheduledDelivery, SchedulingActivities
from workflows.core import activity_options as options


@workflow.defn(name="Scheduled")
class ScheduledWorkflow:
    """One firing of a schedule; the workflow id makes its delivery unique."""

    @workflow.run
    async def run(self, input: ScheduledDelivery) -> str:
        """The started run; empty when there is none, for example because the branch is gone."""
        return await workflow.execute_activity_method(
            SchedulingActivities.deliver,
            args=[input, workflow.info().workflow_id],
            **options.quick(f"deliver {input.branch or 'HEAD'} to {input.pipeline}"),
        )
