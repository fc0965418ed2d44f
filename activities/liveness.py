"""Questions to Temporal itself that a workflow cannot ask: whether another one is open, and the next number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from temporalio import activity
from temporalio.client import WithStartWorkflowOperation, WorkflowExecutionStatus
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.service import RPCError, RPCStatusCode

from domain import keys


@dataclass(frozen=True)
class ReserveRelease:
    environment: str
    key: str
    """Of the run, job and attempt: asked again, the number is the same."""


class LivenessActivities:
    @activity.defn(name="is-open")
    async def is_open(self, workflow_id: str) -> bool:
        try:
            found = await activity.client().get_workflow_handle(workflow_id).describe()
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return False
            raise
        return found.status is WorkflowExecutionStatus.RUNNING

    @activity.defn(name="reserve-release")
    async def reserve(self, input: ReserveRelease) -> int:
        """The release's number in its environment, whose entity workflow is started if there is none."""
        start: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(
            "Environment",
            {"name": input.environment},
            id=keys.environment_id(input.environment),
            task_queue=activity.info().task_queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            static_summary=f"releases of {input.environment}",
        )
        number: int = await activity.client().execute_update_with_start_workflow(
            "reserve", {"key": input.key}, id=input.key, start_workflow_operation=start, result_type=int
        )
        return number
