"""The clusters of an engine, as plans of people need them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

from domain.authority.cluster_orders import Order
from domain.clusters.lifecycle import UNDER_WAY, Status
from domain.clusters.remediation import RepairPolicy
from domain.clusters.spec import ClusterSpec, Network
from domain.core.errors import SluicewayError
from workers.client.guard import Guard
from workers.client.on_engine import cluster_texts
from workers.client.on_engine.cluster_plans import Now
from workers.client.on_engine.orders import order
from workers.client.on_engine.parts import EngineParts
from workers.client.ports.clusters import SignedOrder
from workflows.clusters.messages import ClusterChange

if TYPE_CHECKING:
    from workers.client.clusters import Clusters
    from workflows.clusters.messages import ClusterState

OVER = (Status.DELETED, Status.FAILED)
_AT_ONCE = 16
"""Queries of workflows."""


class EngineWorld:
    """Implements `ClusterWorld`; orders are given in the name of `guard`'s caller."""

    def __init__(self, parts: EngineParts, guard: Guard) -> None:
        self._parts, self._guard = parts, guard

    async def templates(self) -> Mapping[str, str]:
        """Of the engine and of its home."""
        home = self._parts.settings.home
        return await self._parts.read(lambda: cluster_texts.templates_of(home))

    async def now(self, name: str) -> Now | None:
        """By its workflow; one that has ended is none any more."""
        found = await self._viewed(name)
        return now_of(found) if found is not None and found.status not in OVER else None

    async def networks(self) -> Mapping[str, Network]:
        """One that does not answer now is left out."""
        names, turns = await (await self._clusters(None)).names(), asyncio.Semaphore(_AT_ONCE)

        async def viewed(name: str) -> ClusterState | None:
            async with turns:
                return await self._viewed(name)

        found = await asyncio.gather(*map(viewed, names))
        states = (one for one in found if one is not None and one.spec.ours and one.status not in OVER)
        return {one.spec.name: one.spec.network for one in states}

    async def make(self, spec: ClusterSpec, reason: str, signed: SignedOrder | None) -> str:
        """Starts its workflow, or updates the cluster that exists."""
        return await (await self._clusters(signed)).ask(spec, reason)

    async def change(self, name: str, message: ClusterChange, signed: SignedOrder | None) -> str:
        """Tells its workflow."""
        return await (await self._clusters(signed)).change(name, message)

    async def guard(self, name: str, policy: RepairPolicy | None, signed: SignedOrder | None) -> str:
        """Turns automatic repair on or off."""
        return await (await self._clusters(signed)).guard(name, policy)

    async def _viewed(self, name: str) -> ClusterState | None:
        try:
            return await (await self._clusters(None)).view(name)
        except SluicewayError as away:
            if away.code in ("SLW906", "SLW907"):
                return None
            raise

    async def _clusters(self, signed: SignedOrder | None) -> Clusters:
        from workers.client.clusters import Clusters

        async def give(wanted: Order) -> None:
            await order(self._parts, self._guard, wanted, signed)

        return Clusters(await self._parts.engine(), give)


def now_of(state: ClusterState) -> Now:
    """A cluster as plans look at it."""
    busy = f"{state.wanted} is already requested" if state.wanted else ""
    if not busy and state.status in UNDER_WAY.values():
        busy = f"the cluster is {state.status}"
    return Now(state.spec, state.status, busy, state.guarded)
