"""What people do to volume claims, on whatever does it."""

from __future__ import annotations

import json
import secrets
from contextlib import suppress
from dataclasses import replace
from typing import Protocol

from activities.volumes.permits import ordered
from activities.volumes.port import VolumeRequest
from domain.access.actions import Action
from domain.access.resource import cluster_resource
from domain.authority.cluster_orders import OrderKind
from domain.authority.permit import digest_of
from domain.core.documents import Node
from domain.core.errors import DefinitionError, RefusedError, SluicewayError
from domain.inventory.model import ObjectRow
from domain.inventory.storage import fate_of, status_of
from domain.volumes.volume import VolumeAction, VolumeSpec, refusal
from workers.client.guard import Guard, needed
from workers.client.ports.clusters import OrderToSign, SignedOrder
from workers.client.ports.fleets import Fleets
from workers.client.ports.topology import ClaimRow
from workers.client.ports.volumes import VolumePlan, VolumeWish

LIMIT_S, MOST_REASON, MOST_GB = 300, 500, 1_000_000
MARK = 8
"""Hex digits."""


class VolumeWorld(Protocol):
    """What acts on volumes. Nothing here asks for rights."""

    async def home(self) -> str:
        """The name of the installation whose signer takes orders; empty: it has none yet."""
        ...

    async def act(self, request: VolumeRequest, signed: SignedOrder | None) -> str:
        """Orders it, and begins it; returns a sentence."""
        ...


class EngineVolumes:
    """Implements `Volumes`, of one caller."""

    def __init__(self, world: VolumeWorld, guard: Guard, fleets: Fleets) -> None:
        self._world, self._guard, self._fleets = world, guard, fleets

    async def plan(self, wish: VolumeWish) -> VolumePlan:
        """See `Volumes`."""
        await self._known(wish)
        await needed(self._guard, Action.CLUSTERS_READ, cluster_resource(wish.cluster))
        wish = replace(_checked(wish), mark=wish.mark or secrets.token_hex(MARK // 2))
        found = await self._fleets.object(wish.cluster, "PersistentVolumeClaim", wish.namespace, wish.name)
        users = tuple(sorted(pod.name for pod in found.pods))
        said = Node(found.row.details)
        volume = await self._of(wish.cluster, "PersistentVolume", said["volume"].text())
        kind = await self._of(wish.cluster, "StorageClass", said["storage_class"].text())
        now, asked = status_of(found.row, volume, kind, users), request_of(wish)
        fate = fate_of(volume) if volume is not None and wish.verb == "delete" else ""
        content = ordered(asked)
        caller = self._guard.caller
        order = OrderToSign(
            kind=OrderKind.VOLUME,
            cluster=wish.cluster,
            person=caller.on_behalf_of or caller.principal.id,
            what=digest_of(content),
            home=await self._world.home(),
        )
        claim = ClaimRow(
            row=found.row,
            users=users[:20],
            fate=fate_of(volume) if volume else "",
            loses=now.reclaim in ("Delete", "Recycle"),
            can_expand=now.can_expand,
        )
        return VolumePlan(
            wish=wish,
            claim=claim,
            digest=digest_of({"content": content, "fate": fate, "users": list(users), "uid": found.row.uid}),
            prevented=refusal(asked.action, asked.spec, now),
            fate=fate,
            content=json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False),
            order=order if wish.verb == "delete" else None,
        )

    async def _known(self, wish: VolumeWish) -> None:
        """A cluster that the caller may not read is none: a refusal would tell its project and its label.

        Raises:
            SluicewayError: SLW907.
        """
        if wish.cluster not in await self._fleets.heard():
            what = f"there is no PersistentVolumeClaim {wish.namespace}/{wish.name} in {wish.cluster}"[:300]
            raise SluicewayError("SLW907", what, fix="sluiceway fleet")

    async def _of(self, cluster: str, kind: str, name: str) -> ObjectRow | None:
        with suppress(SluicewayError):
            return (await self._fleets.object(cluster, kind, "", name)).row if name else None
        return None

    async def apply(self, wish: VolumeWish, digest: str, signed: SignedOrder | None = None, key: str = "") -> str:
        """See `Volumes`."""
        await self._known(wish)
        action = Action.CLUSTERS_DELETE if wish.verb == "delete" else Action.CLUSTERS_CHANGE
        about = {"verb": wish.verb, "claim": f"{wish.namespace}/{wish.name}"[:300], "reason": wish.reason[:MOST_REASON]}
        async with self._guard.use(action, cluster_resource(wish.cluster), about) as entry:
            found = await self.plan(wish)
            if not wish.mark or found.digest != digest:
                why = "the claim, its volume or its pods have changed since"
                raise RefusedError("SLW958", f"the plan of {wish.namespace}/{wish.name} is another one by now", why=why)
            if found.prevented:
                raise RefusedError("SLW955", f"{wish.verb} of {wish.namespace}/{wish.name}", why=found.prevented)
            entry.tell(what=digest_of(ordered(request_of(wish))))
            return await self._world.act(request_of(wish), signed)


def request_of(wish: VolumeWish) -> VolumeRequest:
    """As the engine does it."""
    size = wish.size_gb if wish.verb == "expand" else VolumeSpec(wish.name).size_gb
    spec = VolumeSpec(wish.name, wish.namespace, size_gb=size)
    snapshot = wish.snapshot and wish.verb == "delete"
    return VolumeRequest(wish.cluster, spec, VolumeAction(wish.verb), LIMIT_S, snapshot, wish.mark)


def _checked(wish: VolumeWish) -> VolumeWish:
    if wish.verb == "expand" and not 0 < wish.size_gb <= MOST_GB:
        why = f"it is expanded to more than 0 and at most {MOST_GB:,} GiB"
        raise DefinitionError("SLW501", f"a volume of {wish.size_gb:g} GiB", why=why)
    if wish.mark and not (len(wish.mark) == MARK and set(wish.mark) <= set("0123456789abcdef")):
        raise DefinitionError("SLW501", f"'{wish.mark[:20]}' is no mark of a plan", fix="plan it again")
    return wish
