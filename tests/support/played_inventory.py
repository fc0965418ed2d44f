"""The inventory's activities without a cluster: what they are told is remembered."""

from __future__ import annotations

import asyncio

from temporalio import activity

from activities.core.cancellation import Heartbeat
from activities.core.workflow_status import WorkflowStatusActivities
from activities.inventory import port
from activities.inventory.port import ClusterLife, WatchInput
from workers.worker.temporal import Activity


class PlayedInventory(port.InventoryActivities):
    """`ends`: what a watch ends with at once, one after the other; then it goes on until it is cancelled."""

    def __init__(self, *ends: str) -> None:
        self.ends = list(ends)
        self.watched: list[str] = []
        self.watching: set[str] = set()
        self.lives: list[ClusterLife] = []

    @activity.defn(name="watch-inventory")
    async def watch_inventory(self, input: WatchInput) -> str:
        self.watched.append(input.cluster)
        if self.ends:
            return self.ends.pop(0)
        self.watching.add(input.cluster)
        try:
            async with Heartbeat():
                await asyncio.Event().wait()
        finally:
            self.watching.discard(input.cluster)
        raise AssertionError("it waits for ever")

    @activity.defn(name="record-cluster")
    async def record_cluster(self, life: ClusterLife) -> None:
        self.lives.append(life)

    def all(self) -> list[Activity]:
        """With what its workflow asks for besides."""
        return [self.watch_inventory, self.record_cluster, WorkflowStatusActivities().is_open]
