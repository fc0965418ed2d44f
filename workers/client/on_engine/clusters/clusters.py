"""Clusters made, changed and ended by people: `Clusters`, on whatever knows them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Protocol, TypeVar

from domain.access.actions import Action
from domain.access.owner import is_owner
from domain.access.resource import ENGINE, cluster_resource
from domain.clusters.lifecycle import Operation
from domain.clusters.remediation import RepairPolicy
from domain.clusters.spec import ClusterSpec, Network
from domain.core import ids, names
from domain.core.errors import DefinitionError, RefusedError, SluicewayError
from workers.client.definitions import TOO_LONG, in_turn
from workers.client.guard import Guard, needed
from workers.client.on_engine.clusters import cluster_texts
from workers.client.on_engine.clusters.cluster_losses import losses
from workers.client.on_engine.clusters.cluster_plans import OPERATIONS, Now, Planned, planned, policy_of
from workers.client.ports.clusters import (
    UNMADE,
    ClusterPlan,
    ClusterProgress,
    ClusterStarted,
    ClusterTemplateRow,
    ClusterWish,
    Loss,
    SignedOrder,
)
from workers.client.ports.fleets import Fleets
from workflows.clusters.messages import ClusterChange

T = TypeVar("T")
ANOTHER = "another cluster"
"""One that the caller may not read."""


class ClusterWorld(Protocol):
    """What knows the clusters and changes them. Nothing here asks for rights."""

    async def home(self) -> str:
        """The name of the installation whose signer takes orders; empty: it has none yet."""
        ...

    async def templates(self) -> Mapping[str, str]:
        """Name to YAML."""
        ...

    async def now(self, name: str) -> Now | None:
        """None: it does not exist."""
        ...

    async def progress(self, name: str) -> ClusterProgress | None:
        """None: no workflow of this name is known."""
        ...

    async def networks(self) -> Mapping[str, Network]:
        """Of every cluster that was made here."""
        ...

    async def make(self, spec: ClusterSpec, reason: str, signed: SignedOrder | None) -> str:
        """Orders it, and starts its workflow, or tells the one that exists; returns a sentence."""
        ...

    async def change(self, name: str, message: ClusterChange, signed: SignedOrder | None) -> str:
        """Orders it, where anything is to be ordered, and tells its workflow."""
        ...

    async def guard(self, name: str, policy: RepairPolicy | None, signed: SignedOrder | None) -> str:
        """The same, of automatic repair."""
        ...


class EngineClusters:
    """Of one caller."""

    def __init__(self, world: ClusterWorld, guard: Guard, fleets: Fleets) -> None:
        self._world, self._guard, self._fleets = world, guard, fleets

    async def templates(self) -> tuple[ClusterTemplateRow, ...]:
        """See `Clusters`."""
        await self._may_make_some()
        texts = await self._world.templates()
        rows = await self._read(lambda: [cluster_texts.row_of(name, text) for name, text in texts.items()])
        return tuple(row for row in rows if row is not None)

    async def progress(self, name: str) -> ClusterProgress:
        """See `Clusters`."""
        await self._may_know(name)
        found = await self._world.progress(name) if names.is_name(name) else None
        if found is None:
            raise no_cluster(name)
        return found

    async def plan(self, wish: ClusterWish) -> ClusterPlan:
        """See `Clusters`."""
        return (await self._planned(wish)).plan

    async def apply(
        self, wish: ClusterWish, digest: str, signed: SignedOrder | None = None, key: str = ""
    ) -> ClusterStarted:
        """See `Clusters`."""
        await self._may_know(wish.name, new=wish.verb == "create")
        action = Action.CLUSTERS_DELETE if wish.verb == "delete" else Action.CLUSTERS_CHANGE
        may = (await asyncio.to_thread(self._guard.verdict, action, cluster_resource(wish.name[:63]))).allowed
        if not may and wish.verb != "create" and wish.name not in await self._fleets.heard():
            raise no_cluster(wish.name)  # what is not there has nobody who may not change it
        told = {"verb": wish.verb, "plan": digest, "reason": wish.reason[:500]}
        async with self._guard.use(action, cluster_resource(wish.name), told) as entry:
            found = await self._planned(wish)
            if found.plan.digest != digest:
                why = "the cluster, its definition or what is in it has changed since"
                raise RefusedError("SLW958", f"the plan of {wish.name} is another one by now", why=why)
            if found.plan.prevented:
                first = next(one for one in found.plan.remarks if one.severity == "error")
                raise DefinitionError(first.code, first.what, where=first.path, fix=first.fix)
            said = await self._done(wish, found, signed)
            entry.tell(what=found.order.what if found.order else "")
        return ClusterStarted(ids.cluster_id(wish.name), said)

    async def _done(self, wish: ClusterWish, found: Planned, signed: SignedOrder | None) -> str:
        if wish.verb == "guard":
            return await self._world.guard(wish.name, policy_of(wish.repair), signed)
        reason = (wish.reason or wish.verb)[:300]
        if wish.verb == "create" and found.spec is not None:
            return await self._world.make(found.spec, reason, signed)
        message = ClusterChange(OPERATIONS.get(wish.verb, Operation.UPDATE), found.spec, reason)
        return await self._world.change(wish.name, message, signed)

    async def _planned(self, wish: ClusterWish) -> Planned:
        if why := names.complaint(wish.name):
            raise DefinitionError("SLW205", f"{wish.name[:63]!r} cannot be the name of a cluster", why=why)
        await self._may_know(wish.name, new=wish.verb == "create")
        now = await self._world.now(wish.name)
        if now is None and wish.verb != "create":
            raise no_cluster(wish.name)
        caller = self._guard.caller
        read = None
        if wish.verb == "create":
            texts, before, by_hand = await self._world.templates(), now.spec if now else None, is_owner(caller)
            read = await self._read(lambda: cluster_texts.read(wish, texts, before, by_hand=by_hand))
        return planned(
            wish,
            read,
            now,
            person=caller.on_behalf_of or caller.principal.id,
            home=await self._world.home(),
            others=await self._others(wish),
            lost=await self._lost(wish, now),
        )

    async def _may_know(self, name: str, *, new: bool = False) -> None:
        """Who may not read a cluster, or make one of this name, is told what they are told of none.

        Raises:
            SluicewayError: SLW907; or SLW410, they may make none at all.
        """
        about, action = cluster_resource(name[:63]), Action.CLUSTERS_CHANGE if new else Action.CLUSTERS_READ
        if (await asyncio.to_thread(self._guard.verdict, action, about)).allowed:
            return
        if new:
            await needed(self._guard, Action.CLUSTERS_CHANGE, ENGINE)
        raise no_cluster(name)

    async def _may_make_some(self) -> None:
        """Who may make no cluster, and change none, needs no template: the home's may say what is in them.

        Raises:
            RefusedError: SLW410.
        """
        names = (UNMADE, *await self._fleets.heard())
        pairs = [(Action.CLUSTERS_CHANGE, cluster_resource(name)) for name in names]
        if not any(one.allowed for one in await asyncio.to_thread(self._guard.verdicts, pairs)):
            await needed(self._guard, Action.CLUSTERS_CHANGE, ENGINE)

    async def _others(self, wish: ClusterWish) -> Mapping[str, Network]:
        """Names that the caller may not read are not told; that there is something is."""
        if wish.verb != "create":
            return {}
        found = {name: one for name, one in (await self._world.networks()).items() if name != wish.name}
        pairs = [(Action.CLUSTERS_READ, cluster_resource(name)) for name in found]
        verdicts = self._guard.verdicts(pairs)
        shown = zip(found.items(), verdicts, strict=True)
        return {
            (name if one.allowed else f"{ANOTHER} ({at})"): network
            for at, ((name, network), one) in enumerate(shown, start=1)
        }

    async def _lost(self, wish: ClusterWish, now: Now | None) -> tuple[Loss, ...]:
        if wish.verb != "delete" or now is None or not now.spec.ours:
            return ()
        return await losses(self._fleets, wish.name)

    async def _read(self, look: Callable[[], T]) -> T:
        """Texts of strangers are read two at a time, for all."""
        try:
            return await in_turn(self._guard, look)
        except TimeoutError as late:
            raise DefinitionError("SLW103", TOO_LONG) from late


def no_cluster(name: str) -> SluicewayError:
    """Also of what is no name of one."""
    return SluicewayError("SLW907", f"there is no cluster {name[:63]}", fix="sluiceway cluster list")
