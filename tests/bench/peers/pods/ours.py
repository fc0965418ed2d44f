"""Ours: as many pods, each with a workflow of its own, logs that are kept, and nothing left in the cluster."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

from domain.clusters.access import Access
from domain.core.documents import Manifest, Node
from domain.pods import manifest
from domain.pods.manifest import PodSpec
from domain.pods.status import PodPhase
from tests.bench.peers.pods.world import NAMESPACE, World
from workers.client.clusters import Clusters
from workflows.pods.messages import PodInput

AT_ONCE = 16
"""Pods that are asked for at the same time; a peer is asked for all of them in one object."""


class Pods:
    """Each is asked for by itself, as `sluiceway pod run` does."""

    def __init__(self, world: World) -> None:
        self._world, self._calls = world, Clusters(world.engine)

    async def install(self, end: AsyncExitStack) -> None:
        """The engine is there already."""

    async def run(self, name: str, pods: int) -> None:
        """Returns when every pod has ended well, its logs are kept, and it is gone."""
        slots = asyncio.Semaphore(AT_ONCE)

        async def started(number: int) -> str:
            async with slots:
                return await self._calls.start_pod(self._pod(f"{name}-{number}"))

        ids = await asyncio.gather(*map(started, range(pods)))
        results = await asyncio.gather(*map(self._calls.pod_result, ids))
        if bad := [one for one in results if one.phase is not PodPhase.SUCCEEDED]:
            raise RuntimeError(f"{len(bad)} pods ended badly: {bad[0].reason}")

    def _pod(self, name: str) -> PodInput:
        world = self._world
        return PodInput(Access(world.reference), world.spec.name, NAMESPACE, name, _played())


def _played() -> Manifest:
    made = manifest.manifest(PodSpec("job:1", command=("true",), cpu=0.01))
    notes = {"bench.sluiceway.dev/plays": "ends"}
    return {**made, "metadata": {**Node(made)["metadata"].object(), "annotations": notes}}
