"""What a release over many clusters asks of them: whether they answer, what they carry, and to go back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from temporalio import activity
from temporalio.client import WorkflowFailureError, WorkflowUpdateFailedError

from activities.core.cancellation import Heartbeat
from activities.releases.live_versions import live_instance
from activities.releases.waves import port
from activities.releases.waves.port import Carried, TakeBack, TookBack
from domain.core import ids
from domain.core.errors import SluicewayError


@dataclass
class WaveActivities(port.WaveActivities):
    """`ready`: raises a SluicewayError when a cluster's API does not answer; blocking."""

    ready: Callable[[str], object]

    @activity.defn(name="reach-cluster")
    async def reach(self, cluster: str) -> str:
        """Why a cluster's API does not answer; empty: it does."""
        try:
            await asyncio.to_thread(self.ready, cluster)
        except SluicewayError as broken:
            return f"{broken.what}: {broken.why}" if broken.why else broken.what
        return ""

    @activity.defn(name="carried-by-clusters")
    async def carried(self, input: Carried) -> dict[str, str]:
        """Cluster to its live instance; empty: none."""
        places = [ids.place(input.environment, cluster) for cluster in input.clusters]
        found = await asyncio.gather(*(live_instance(place, input.service) for place in places))
        return dict(zip(input.clusters, found, strict=True))

    @activity.defn(name="take-back-cluster")
    async def take_back(self, input: TakeBack) -> TookBack:
        """Releases the version before again in one cluster, and waits for the end of that release."""
        async with Heartbeat():
            place = ids.place(input.environment, input.cluster)
            client, entity = activity.client(), ids.environment_id(place)
            live = await live_instance(place, input.service)
            if live != input.instance:
                return TookBack(True, f"it carries {live or 'nothing'} already", live)
            try:
                release = await client.get_workflow_handle(entity).execute_update(
                    "rollback", input.service, id=input.key, result_type=str
                )
                await client.get_workflow_handle(release).result()
            except WorkflowUpdateFailedError as refused:
                return TookBack(False, str(refused.cause or refused), live, kept=True)
            except WorkflowFailureError as failed:
                return TookBack(False, str(failed.cause or failed)[:500], live)
            return TookBack(True, f"{release} brought the version before", await live_instance(place, input.service))
