"""What a cluster's workflow does for its inventory: it starts the watch of everything in it, and tells its own life."""

from __future__ import annotations

import asyncio
import contextlib
import json

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, WorkflowAlreadyStartedError
from temporalio.workflow import ChildWorkflowCancellationType, ParentClosePolicy

from activities.inventory.port import ClusterLife, InventoryActivities, WatchInput
from domain.clusters.lifecycle import Status
from domain.core import ids as keys
from workflows.clusters.messages import ClusterState
from workflows.core import activity_options as options
from workflows.core import search_attributes as attributes
from workflows.core.failures import leave_alone, reraise_cancelled

SETTLED = (Status.READY, Status.DELETED, Status.FAILED)


class ClusterInventory:
    """Of one cluster; does nothing until its state says that its inventory is kept."""

    def __init__(self, state: ClusterState) -> None:
        self._state = state
        self._told = ClusterLife(name=state.spec.name)
        self._telling: asyncio.Task[None] | None = None

    @property
    def is_due(self) -> bool:
        """Whether the watch is to be started."""
        return self._state.inventory and not self._state.watched and bool(self._state.reference)

    async def begin(self) -> None:
        """Starts the watch; one that runs goes on. It outlives continue-as-new, and is ended by `end`."""
        name = self._state.spec.name
        self._state.watched = True
        with contextlib.suppress(WorkflowAlreadyStartedError):
            child = await workflow.start_child_workflow(
                "Inventory",
                WatchInput(name, dials_out=self._state.spec.dials_out),
                id=keys.inventory_id(name),
                parent_close_policy=ParentClosePolicy.ABANDON,
                cancellation_type=ChildWorkflowCancellationType.ABANDON,
                static_summary=f"watches everything in cluster {name}",
                search_attributes=attributes.typed(cluster=name),
            )
            leave_alone(child)

    def tell(self) -> None:
        """Tells how the cluster's life is at each change, beside all else that it does."""
        if self._state.inventory and self._telling is None:
            self._telling = asyncio.create_task(self._tell())

    async def _tell(self) -> None:
        while True:
            await workflow.wait_condition(lambda: life_of(self._state) != self._told)
            self._told = life_of(self._state)
            await _record(self._told)

    async def end(self) -> None:
        """Nothing of the cluster is left to be shown, but that it could not be made, and why."""
        if not self._state.inventory:
            return
        if self._telling is not None:
            self._telling.cancel()
        if self._state.watched:
            with contextlib.suppress(ApplicationError):  # it has ended
                await workflow.get_external_workflow_handle(keys.inventory_id(self._state.spec.name)).signal("end")
        failed = self._state.status is Status.FAILED
        await _record(life_of(self._state) if failed else ClusterLife(name=self._state.spec.name))


async def _record(life: ClusterLife) -> None:
    try:
        await workflow.execute_local_activity_method(InventoryActivities.record_cluster, life, **options.LOCAL)
    except ActivityError as failed:
        reraise_cancelled(failed)  # else the records were away for long, and the next change is told


def life_of(state: ClusterState) -> ClusterLife:
    """How its life is, for its row."""
    health = state.health
    body: dict[str, int | bool] = {"drift": len(health.drift), "guarded": state.guarded, "pods": health.pods}
    if state.spec.dials_out:
        body["dials_out"] = True
    return ClusterLife(
        name=state.spec.name,
        provider=state.spec.provider,
        status=str(state.status),
        waits_for="" if state.status in SETTLED else str(state.phase),
        reason=(state.blocker.reason if state.blocker else health.trouble)[:500],
        since=state.since,
        body=json.dumps(body, sort_keys=True),
    )
