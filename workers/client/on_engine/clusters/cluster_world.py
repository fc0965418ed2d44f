"""The clusters of an engine, as plans of people need them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

from domain.authority.cluster_orders import Order
from domain.clusters.lifecycle import UNDER_WAY, Status
from domain.clusters.remediation import RepairPolicy
from domain.clusters.spec import ClusterSpec, Network
from domain.clusters.steps import steps
from domain.core.errors import SluicewayError
from domain.core.ids import cluster_id
from workers.client.guard import Guard
from workers.client.on_engine.clusters import cluster_texts
from workers.client.on_engine.clusters.cluster_plans import Now
from workers.client.on_engine.orders import home_of, order
from workers.client.on_engine.parts import EngineParts, temporal_path
from workers.client.ports.clusters import ClusterProgress, PhaseStep, ProgressEntry, SignedOrder
from workflows.clusters.messages import ClusterChange

if TYPE_CHECKING:
    from workers.client.clusters import Clusters
    from workflows.clusters.messages import ClusterState

OVER = (Status.DELETED, Status.FAILED)
GOING = (*UNDER_WAY.values(), Status.REQUESTED, Status.COMPENSATING, Status.STUCK)
_AT_ONCE = 16
"""Queries of workflows."""


class EngineWorld:
    """Implements `ClusterWorld`; orders are given in the name of `guard`'s caller."""

    def __init__(self, parts: EngineParts, guard: Guard) -> None:
        self._parts, self._guard = parts, guard

    async def home(self) -> str:
        """By the key of its signer."""
        return await self._parts.read(lambda: home_of(self._parts.settings))

    async def templates(self) -> Mapping[str, str]:
        """Of the engine and of its home."""
        home = self._parts.settings.home
        return await self._parts.read(lambda: cluster_texts.templates_of(home))

    async def now(self, name: str) -> Now | None:
        """By its workflow; one that has ended is none any more."""
        found = await self._viewed(name)
        return now_of(found) if found is not None and found.status not in OVER else None

    async def progress(self, name: str) -> ClusterProgress | None:
        """By its workflow, also of one that has ended."""
        found = await self._viewed(name)
        return progress_of(found, temporal_path(cluster_id(name))) if found is not None else None

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


def progress_of(state: ClusterState, temporal: str) -> ClusterProgress:
    """How far its last operation is."""
    blocker = state.blocker
    return ClusterProgress(
        name=state.spec.name,
        status=str(state.status),
        operation=str(state.operation),
        going=state.wanted is not None or state.status in GOING,
        since=state.since,
        steps=tuple(
            PhaseStep(phase=str(one.phase), state=str(one.state))
            for one in steps(state.status, state.phase, state.begun)
        ),
        blocker=blocker.reason if blocker else "",
        blocker_phase=str(blocker.phase) if blocker else "",
        blocker_since=blocker.since if blocker else 0,
        tries=blocker.tries if blocker else 0,
        log=tuple(ProgressEntry(at=one.at, words=one.words) for one in reversed(state.log)),
        temporal=temporal,
    )


def now_of(state: ClusterState) -> Now:
    """A cluster as plans look at it."""
    busy = f"{state.wanted} is already requested" if state.wanted else ""
    if not busy and state.status in UNDER_WAY.values():
        busy = f"the cluster is {state.status}"
    return Now(state.spec, state.status, busy, state.guarded)
