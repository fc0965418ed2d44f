"""Volumes of a world in memory: what is wanted is remembered, and done at once."""

from __future__ import annotations

from dataclasses import replace

from activities.volumes.port import VolumeRequest
from domain.volumes.volume import VolumeAction
from tests.support.memory_client.world import World
from workers.client.guard import Guard
from workers.client.on_engine.volumes.volumes import EngineVolumes
from workers.client.ports.clusters import SignedOrder
from workers.client.ports.fleets import Fleets


def memory_volumes(world: World, guard: Guard, fleets: Fleets) -> EngineVolumes:
    """`Volumes` as on an engine, with this world in its place."""
    return EngineVolumes(MemoryVolumeWorld(world), guard, fleets)


class MemoryVolumeWorld:
    """Implements `VolumeWorld`; there is no signer."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def home(self) -> str:
        """A name that no signer has."""
        return "memory"

    async def act(self, request: VolumeRequest, signed: SignedOrder | None) -> str:
        """Grows it, or takes it away."""
        spec = request.spec
        key = (request.cluster, "PersistentVolumeClaim", spec.namespace, spec.name)
        self._world.cluster_orders.append((f"{request.action} {spec.namespace}/{spec.name}", signed))
        row = self._world.objects[key]
        if request.action is VolumeAction.DELETE:
            del self._world.objects[key]
        elif request.action is VolumeAction.EXPAND:
            size = round(spec.size_gb * 1024)
            self._world.objects[key] = replace(row, details={**row.details, "asked_mb": size, "capacity_mb": size})
        return f"{request.action} of {spec.namespace}/{spec.name} is done"
