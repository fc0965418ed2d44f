"""Watches clusters, and writes how their lives are."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.core.cancellation import Heartbeat, run_blocking
from activities.inventory import port
from activities.inventory.loop import LoopThread
from activities.inventory.port import WATCH_S, ClusterLife, InventoryWriter, WatchInput
from activities.inventory.turns import Pages, Turns
from activities.inventory.watch import ClusterWatch
from activities.kubernetes.client import Kube
from activities.kubernetes.port import NoClusterError
from domain.core.errors import SluicewayError

BEAT_S = 1.5
"""A cancel is heard of within it. There is a watch for each cluster, and a beat is a request to Temporal."""
UNKNOWN = "SLW952"
"""There is no cluster of this name."""


@dataclass(frozen=True)
class InventoryActivities(port.InventoryActivities):
    """All watches of a worker are in one thread."""

    reach: Callable[[str], Kube]
    """A cluster's name to the client of its registered access; the same one while its kubeconfig is as it was."""
    writer: InventoryWriter
    lasts_s: float = WATCH_S
    _thread: LoopThread = field(default_factory=LoopThread)

    @activity.defn(name="watch-inventory")
    async def watch_inventory(self, input: WatchInput) -> str:
        """Watches everything in a cluster until it is cancelled, or for `WATCH_S` seconds; returns why it ended."""
        try:
            async with Heartbeat(every_s=BEAT_S), asyncio.timeout(self.lasts_s):
                await self._thread.run(partial(self._watch, input.cluster))
        except TimeoutError:
            return "it is looked whether the cluster is still there"
        except SluicewayError as broken:
            if broken.code == UNKNOWN or isinstance(broken, NoClusterError):
                return f"{broken.what}: {broken.why}".removesuffix(": ")
            raise ApplicationError(str(broken), type=broken.code) from broken
        return "the watch ended"

    async def _watch(self, cluster: str, turn: Pages) -> None:
        await ClusterWatch(cluster, partial(self.reach, cluster), self.writer, Turns(turn).one).run()

    @activity.defn(name="record-cluster")
    async def record_cluster(self, life: ClusterLife) -> None:
        """Writes how a cluster's life is; `status` empty: it is known no longer, and all of its rows go."""
        call = partial(self.writer.lives, life) if life.status else partial(self.writer.forget, life.name)
        try:
            await run_blocking(call)
        except SluicewayError as broken:
            raise ApplicationError(str(broken), type=broken.code) from broken
