"""Sluiceway's canary, with its own defaults but for the times, which are as short as the others'."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack

import yaml

from activities.source.mirrors import Mirrors
from domain.core.documents import Manifest
from tests.bench.peers.objects import NAMESPACE, PORT, REPLICAS, SERVICE
from tests.bench.peers.world import CLUSTER, World, until
from workers.client import deliveries, runs, triggers
from workers.client.client import new_delivery_id
from workers.client.for_owner import owner_client
from workers.worker.client_wiring import command_parts

ENVIRONMENT = "peers"
ANALYSIS: Manifest = {"tick": "1s", "min-dwell": "5s", "warm-up": "5s"}


class Sluiceway:
    """A run with one job, for each version."""

    name = "sluiceway"

    def __init__(self, world: World) -> None:
        self._world = world
        self._running: asyncio.Task[bool] | None = None

    async def install(self, end: AsyncExitStack) -> None:
        """Nothing: the engine that made the cluster is there."""

    async def first(self) -> None:
        """A healthy version is live."""
        place: Manifest = {
            "cluster": CLUSTER,
            "namespace": NAMESPACE,
            "gateway": self._world.gateway,
            "host": "{service}.example.test",
        }
        body: Manifest = {
            "apiVersion": "sluiceway/v1",
            "kind": "Environment",
            "name": ENVIRONMENT,
            "target": {"kubernetes": place},
        }
        client = owner_client(command_parts(self._world.settings))
        await client.registrations.apply(yaml.safe_dump(body))
        self.change("0", {})
        await until(self._done)

    def change(self, version: str, env: Mapping[str, str]) -> None:
        """Asks for a version."""
        self._running = asyncio.create_task(self._released(version, env))

    async def ended(self) -> bool | None:
        """Whether it went back; None while it is under way."""
        assert self._running is not None
        return self._running.result() if self._running.done() else None

    async def reset(self, version: str, env: Mapping[str, str]) -> None:
        """Nothing to do: the version before is live."""

    def remove(self) -> None:
        """The route goes with the cluster: ours is measured last."""

    async def _done(self) -> bool:
        return await self.ended() is not None

    async def _released(self, version: str, env: Mapping[str, str]) -> bool:
        deploy: Manifest = {
            "target": "kubernetes",
            "service": SERVICE,
            "version": version,
            "image": self._world.image,
            "port": PORT,
            "cpu": 0.2,
            "memory-mb": 64,
            "instances": REPLICAS,
            "readiness": {"http": "/healthz", "timeout": "120s"},
            "strategy": "canary",
            "analysis": ANALYSIS,
            "rollback-window": "0s",
        }
        job: Manifest = {"environment": ENVIRONMENT, "env": {"VERSION": version, **env}, "deploy": deploy}
        body: Manifest = {"apiVersion": "sluiceway/v1", "kind": "Pipeline", "name": "peers", "jobs": {"release": job}}
        file = self._world.settings.home / "peers" / "peers.yaml"
        file.parent.mkdir(exist_ok=True)
        file.write_text(yaml.safe_dump(body))
        delivery = deliveries.by_hand(file, Mirrors(self._world.settings.mirrors), {}, new_delivery_id("bench"))
        answer = await triggers.deliver(self._world.engine, delivery)
        result = await runs.result(self._world.engine, answer.run)
        return result.status != "passed"
