"""Questions to Temporal itself that a workflow cannot ask: whether another one is open."""

from __future__ import annotations

from temporalio import activity
from temporalio.client import WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from activities.core import port


class WorkflowStatusActivities(port.WorkflowStatusActivities):
    """Uses the client of its own worker."""

    @activity.defn(name="who-is-gone")
    async def gone(self, workflow_ids: list[str]) -> list[str]:
        """The workflows that are not running."""
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
        """Requests cancellation of a workflow, which may be the caller; does nothing to an ended one."""
        try:
            await activity.client().get_workflow_handle(workflow_id).cancel()
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
