"""Questions to Temporal itself that a workflow cannot ask: whether another one is open, and the next number."""

from __future__ import annotations

from typing import Any

from temporalio import activity
from temporalio.client import WithStartWorkflowOperation, WorkflowExecutionStatus
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.service import RPCError, RPCStatusCode

from activities.core import port
from activities.core.port import Join, ReserveRelease
from domain.core import ids as keys


class WorkflowStatusActivities(port.WorkflowStatusActivities):
    """Uses the client of the worker that runs the activity."""

    @activity.defn(name="join-queue")
    async def join(self, input: Join) -> None:
        """Asks for a place in a concurrency group. Asking again changes nothing."""
        await activity.client().start_workflow(
            "Queue",
            {"group": input.terms.group},
            id=input.queue,
            task_queue=activity.info().task_queue,
            start_signal="ask",
            start_signal_args=[{"who": input.who, "terms": input.terms}],
            static_summary=f"concurrency group {input.terms.group}",
        )

    @activity.defn(name="who-is-gone")
    async def gone(self, workflow_ids: list[str]) -> list[str]:
        """Those that are not open."""
        return [id_ for id_ in workflow_ids if not await self.is_open(id_)]

    @activity.defn(name="is-open")
    async def is_open(self, workflow_id: str) -> bool:
        try:
            found = await activity.client().get_workflow_handle(workflow_id).describe()
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return False
            raise
        return found.status is WorkflowExecutionStatus.RUNNING

    @activity.defn(name="cancel-workflow")
    async def cancel(self, workflow_id: str) -> None:
        """Asks Temporal to cancel a workflow, which may be the one that calls; one that has ended stays as it is."""
        try:
            await activity.client().get_workflow_handle(workflow_id).cancel()
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise

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
