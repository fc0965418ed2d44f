"""Reserves the next release number of an environment."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from temporalio import activity
from temporalio.client import WithStartWorkflowOperation
from temporalio.common import WorkflowIDConflictPolicy

from activities.access.environments import Environments
from activities.core.errors import as_failure
from activities.releases import port
from activities.releases.port import ReserveRelease
from domain.core import ids as keys
from domain.core.errors import SluicewayError


class NumberingActivities(port.NumberingActivities):
    """Uses the client of its own worker. `taken`: environment and cluster to their last recorded number."""

    def __init__(
        self, environments: Environments, taken: Callable[[str, str], int] = lambda environment, cluster: 0
    ) -> None:
        self._environments, self._taken = environments, taken

    @activity.defn(name="reserve-release")
    async def reserve(self, input: ReserveRelease) -> int:
        """The release's number in its environment; starts the environment's workflow if needed."""
        try:
            await asyncio.to_thread(self._environments.need, input.environment)
        except SluicewayError as refused:
            raise as_failure(refused) from refused
        taken = await asyncio.to_thread(self._taken, input.environment, input.cluster)
        place = keys.place(input.environment, input.cluster)
        # started by name, so the library cannot infer these from a class
        start: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(
            "Environment",
            {"name": place},
            id=keys.environment_id(place),
            task_queue=activity.info().task_queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            static_summary=f"releases of {place}",
            static_details=keys.console_link(keys.environment_id(place)),
        )
        number: int = await activity.client().execute_update_with_start_workflow(
            "reserve",
            {"key": input.key, "taken": max(taken, input.least - 1)},
            id=input.key,
            start_workflow_operation=start,
            result_type=int,
        )
        return number
