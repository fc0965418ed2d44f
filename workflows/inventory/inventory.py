"""`inventory/CLUSTER`: watches everything in a cluster while the cluster is known."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, TimeoutType
from temporalio.exceptions import TimeoutError as TimedOutError
from temporalio.workflow import ActivityConfig

from activities.core.port import WorkflowStatusActivities
from activities.inventory.port import WATCH_S, ClusterLife, InventoryActivities, WatchInput
from domain.core import ids as keys
from workflows.core import activity_options as options
from workflows.core.failures import was_cancelled

AGAIN = timedelta(seconds=60)
"""Before the next watch, where one ended because the cluster is not known."""


@workflow.defn(name="Inventory")
class InventoryWorkflow:
    """One watch after the other; started by the cluster's workflow, and ended by it. In a cluster that dials out, its
    own worker watches, and while there is none it is asked for again and again.
    """

    def __init__(self) -> None:
        self._over = False

    @workflow.run
    async def run(self, input: WatchInput) -> str:
        """Why it ended. Each watch of hours is a few events of its history."""
        while True:
            began = workflow.time()
            why = await self._watch(input)
            if not self._over and not await self._is_there(input.cluster):
                why, self._over = f"{keys.cluster_id(input.cluster)} has ended", True
            if self._over:
                await _forget(input.cluster)
                return why
            workflow.set_current_details(f"watches everything in {input.cluster}; before: {why[:300]}")
            if workflow.time() - began < AGAIN.total_seconds():
                await self._pause()
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(input)

    async def _watch(self, input: WatchInput) -> str:
        watch = asyncio.ensure_future(
            workflow.execute_activity_method(InventoryActivities.watch_inventory, input, **_watching(input))
        )
        try:
            await workflow.wait_condition(lambda: watch.done() or self._over)
        except asyncio.CancelledError:
            await _ended(watch)
            raise
        await _ended(watch)
        try:
            return watch.result()
        except ActivityError as failed:
            if not was_cancelled(failed):
                return str(failed.cause)[:300] if not _unasked(failed) else "the worker in it has not dialled in"
            return "the cluster is deleted"

    async def _is_there(self, cluster: str) -> bool:
        id_ = keys.cluster_id(cluster)
        return await workflow.execute_activity_method(
            WorkflowStatusActivities.is_open, id_, **options.write_record(f"check whether {id_} runs")
        )

    async def _pause(self) -> None:
        try:
            await workflow.wait_condition(lambda: self._over, timeout=AGAIN)
        except TimeoutError:
            return

    @workflow.signal(description="The cluster is deleted: its rows go")
    def end(self) -> None:
        """Ends the watch, then removes what it has written."""
        self._over = True


def _unasked(failed: ActivityError) -> bool:
    """Whether nobody has taken it up."""
    return isinstance(failed.cause, TimedOutError) and failed.cause.type is TimeoutType.SCHEDULE_TO_START


def _watching(input: WatchInput) -> ActivityConfig:
    summary = f"watch {input.cluster}"
    if input.dials_out:
        return options.in_cluster(input.cluster, WATCH_S, summary)
    return options.watch(WATCH_S, summary)


async def _ended(watch: asyncio.Task[str]) -> None:
    """Not in a `finally`: an evicted workflow is closed, and must not wait then."""
    if not watch.done():
        watch.cancel()
    await workflow.wait([watch])


async def _forget(cluster: str) -> None:
    """After the watch: what it wrote last goes, too."""
    await workflow.execute_activity_method(
        InventoryActivities.record_cluster, ClusterLife(name=cluster), **options.write_record(f"forget {cluster}")
    )
