"""From the route that led to a Deployment before it was imported to one of our own, and back, without a request lost.

While both stand, both lead to the same pods: the one that is to go is deleted when every router has loaded the other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from activities.releases.cluster_traffic.change import accepted
from activities.releases.cluster_traffic.data_plane import DataPlane, RouterAddress
from activities.releases.cluster_traffic.entry import Entry
from activities.releases.cluster_traffic.route_store import RouteStore
from domain.clusters import metadata
from domain.core.documents import Object
from domain.core.errors import RefusedError
from domain.releases.kubernetes import former_route
from domain.releases.kubernetes.naming import TRAFFIC
from domain.releases.kubernetes.traffic import ANNOTATION, Traffic


@dataclass(frozen=True)
class Handover:
    """Of one service. `former`: the route that led to its pods; None: there was none. Idempotent."""

    entry: Entry
    store: RouteStore
    plane: DataPlane
    instance: str
    former: Object | None
    stands_in: str
    """A name for a copy of a former route whose name is that of our own."""

    async def take_over(self, ours: Callable[[], Awaitable[None]]) -> None:
        """`ours`: leads all requests to the imported version, and returns when that is in force.

        Once another version is known, the former route is somebody else's matter.
        """
        known = set((await self._stored()).weights)
        if self.former is None or known - {self.instance}:
            await ours()
            return
        name = metadata.name(self.former)
        if name in self.entry.names:
            if await self._is_former(name):
                await self._in_force(former_route.stand_in(self.former, self.stands_in))
                await self._delete(name)
            name = self.stands_in
        await ours()
        await self._delete(name)

    async def hand_back(self) -> None:
        """The former route first, then our own go.

        Raises:
            RefusedError: SLW968, another version has requests.
        """
        weights = (await self._stored()).weights
        if others := [name for name, parts in weights.items() if parts and name != self.instance]:
            raise RefusedError("SLW968", f"{', '.join(others)} has requests, so the import cannot be undone")
        if self.former is None:
            await self._leave()
            return
        taken = metadata.name(self.former) in self.entry.names
        if taken and not await self._is_former(metadata.name(self.former)):
            await self._in_force(former_route.stand_in(self.former, self.stands_in))
            await self._leave()
        await self._in_force(self.former)
        await (self._delete(self.stands_in) if taken else self._leave())

    async def _stored(self) -> Traffic:
        return (await asyncio.to_thread(self.store.stored, *self.entry.names)).traffic

    async def _in_force(self, route: Object) -> None:
        """Written with a sign, shown by every router, and then as it was."""
        rendered, name = former_route.signed(route), metadata.name(route)
        await asyncio.to_thread(lambda: self.store.kube.apply(rendered.manifest, manager=TRAFFIC))
        await accepted(self.entry, self.store, self.plane, name)
        await self.plane.shows(self._addresses, rendered.host, rendered.path, rendered.sign)
        await asyncio.to_thread(lambda: self.store.kube.apply(route, manager=TRAFFIC))
        await accepted(self.entry, self.store, self.plane, name)

    async def _addresses(self) -> list[RouterAddress]:
        return await asyncio.to_thread(self.entry.routers)

    async def _is_former(self, name: str) -> bool:
        """Whether a route of this name stands and is none of ours."""
        found = await asyncio.to_thread(self.store.read_again, name)
        return found is not None and ANNOTATION not in metadata.annotations(found)

    async def _leave(self) -> None:
        for name in self.entry.names:
            if not await self._is_former(name):
                await self._delete(name)

    async def _delete(self, name: str) -> None:
        await asyncio.to_thread(self.store.remove, name)
