"""Volumes of an engine: an order at the signer, and a workflow that acts once."""

from __future__ import annotations

import asyncio

from activities.volumes.port import VolumeRequest
from domain.authority.cluster_orders import Order
from domain.core import ids
from domain.core.errors import RefusedError
from workers.client.guard import Guard
from workers.client.on_engine.orders import home_of, order
from workers.client.on_engine.parts import EngineParts
from workers.client.ports.clusters import SignedOrder

ANSWERS_WITHIN_S = 4.0
"""How long whoever asks waits for the end; a refusal of the cluster comes sooner."""


class EngineVolumeWorld:
    """Implements `VolumeWorld`; orders are given in the name of `guard`'s caller."""

    def __init__(self, parts: EngineParts, guard: Guard) -> None:
        self._parts, self._guard = parts, guard

    async def home(self) -> str:
        """By the key of its signer."""
        return await self._parts.read(lambda: home_of(self._parts.settings))

    async def act(self, request: VolumeRequest, signed: SignedOrder | None) -> str:
        """Begun once; what is already under way refuses.

        Raises:
            RefusedError: SLW955, the cluster refuses it; SLW956, something is done to the claim already.
        """
        from activities.volumes.port import VolumeDone
        from workers.client.calls import outcome
        from workers.client.clusters import Clusters

        async def give(wanted: Order) -> None:
            await order(self._parts, self._guard, wanted, signed)

        engine = await self._parts.engine()
        handle = await Clusters(engine, give).begin_volume(request)
        name = ids.volume_id(request.cluster, request.spec.namespace, request.spec.name)
        try:
            done = await asyncio.wait_for(outcome(handle, VolumeDone), ANSWERS_WITHIN_S)
        except TimeoutError:
            return f"{name}: {request.action} is under way"
        if done.refusal:
            raise RefusedError("SLW955", f"{request.action} of {name}", why=done.refusal)
        return f"{name}: {done.words or done.seen.phase}"
