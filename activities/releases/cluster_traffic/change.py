"""One change of a service's traffic in a cluster.

Written -> accepted by its controller -> shown by every router process. A version that had no requests is reached by the
data plane before it gets its first.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from activities.releases.cluster_traffic.data_plane import Addresses, DataPlane, RouterAddress
from activities.releases.cluster_traffic.entry import Entry
from activities.releases.cluster_traffic.route_store import ChangedMeanwhileError, RouteStore
from activities.releases.cluster_traffic.version_services import VersionServices
from domain.clusters import metadata
from domain.core.errors import RefusedError, SluicewayError
from domain.releases.kubernetes.http_route import Rendered
from domain.releases.kubernetes.traffic import Traffic

LOOKED_UP_S = 1.0
"""How long router processes are taken for known while waiting for them."""
ACCEPT_POLL_S = 0.05


@dataclass(frozen=True)
class Change:
    """Made by one worker; others may make one at the same moment, and then begin again."""

    entry: Entry
    store: RouteStore
    services: VersionServices
    plane: DataPlane

    async def make(self, how: Callable[[Traffic], Traffic], reach: str, path: str) -> None:
        """`reach`: a version that every router must reach at the end; `path`: what it answers when it is ready.

        Raises:
            ChangedMeanwhileError: another worker has written; begin again.
            SluicewayError: SLW860, not accepted; SLW865, a version has no Service; SLW878, not in force in time.
            RefusedError: SLW877, the router lacks what it needs.
        """
        before = await asyncio.to_thread(self._living)
        after = how(before).bounded()
        if missing := self.entry.lacking(after):
            raise RefusedError("SLW877", f"the router lacks {', '.join(missing)}")
        cold = after.warming(before)
        if cold:
            known = replace(before, weights={**dict.fromkeys(cold, 0), **before.weights})
            before = await self._lead(before, known)
            await self._reach(before, cold, path)
        led = await self._lead(before, after)
        if reach:
            await self._reach(led, [reach], path)

    def _living(self) -> Traffic:
        """The state without versions whose Service is gone, even with traffic.

        A route that names one is not accepted as a whole: traffic could not be led away from it.
        """
        traffic = self.store.stored(*self.entry.names).traffic
        for name in self.services.gone(traffic.weights):
            traffic = traffic.without(name)
        return traffic

    async def _lead(self, before: Traffic, after: Traffic) -> Traffic:
        """Returns the state with its number when every router shows it. Nothing new is shown again, too."""
        traffic = before if after.same_as(before) else after.next_after(before)
        if not traffic.weights:
            for name in self.entry.names:
                await asyncio.to_thread(self.store.remove, name)
            return traffic
        rendered = await asyncio.to_thread(self._write, before, traffic)
        for one in rendered:
            await accepted(self.entry, self.store, self.plane, metadata.name(one.manifest))
        addresses = self._looked_up(traffic)
        await asyncio.gather(*(self.plane.shows(addresses, one.host, one.path, one.sign) for one in rendered))
        return traffic

    def _write(self, before: Traffic, traffic: Traffic) -> list[Rendered]:
        self.services.with_previews({traffic.preview, traffic.mirror} - {""})
        rendered = self.entry.routes(traffic, self.services.ports(traffic.weights))
        stored = self.store.stored(*self.entry.names)
        if stored.traffic.generation != before.generation:
            raise _meanwhile()
        for one in rendered:
            self.store.write(one.manifest, stored.versions.get(metadata.name(one.manifest), ""))
        return rendered

    async def _reach(self, traffic: Traffic, versions: Iterable[str], path: str) -> None:
        addresses, host = self._looked_up(traffic), self.entry.preview_host
        await asyncio.gather(*(self.plane.reaches(addresses, host, path, name) for name in versions))

    def _looked_up(self, traffic: Traffic) -> Addresses:
        """Router processes as they come and go, while the state is still this one: a later one hides its sign."""
        found: list[RouterAddress] = []
        at = 0.0

        async def addresses() -> list[RouterAddress]:
            nonlocal found, at
            now = self.plane.clock.now()
            if not found:
                found, at = await asyncio.to_thread(self.entry.routers), now
            elif now - at >= LOOKED_UP_S:
                await asyncio.to_thread(self._still, traffic)
                found, at = await asyncio.to_thread(self.entry.routers), now
            return found

        return addresses

    def _still(self, traffic: Traffic) -> None:
        if self.store.stored(*self.entry.names).traffic.generation != traffic.generation:
            raise _meanwhile()


async def accepted(entry: Entry, store: RouteStore, plane: DataPlane, name: str) -> None:
    """Returns when the controller says that it serves a route as it is now.

    Raises:
        SluicewayError: SLW862, it does not say so in time.
    """
    deadline = plane.clock.now() + plane.limit_s
    while True:
        route = await asyncio.to_thread(store.read_again, name)
        why = "it was deleted meanwhile" if route is None else entry.not_accepted(route)
        if not why:
            return
        if plane.clock.now() > deadline:
            raise SluicewayError("SLW862", f"the route {name} is not served", why=why, transient=True)
        await plane.clock.sleep(ACCEPT_POLL_S)


def _meanwhile() -> ChangedMeanwhileError:
    return ChangedMeanwhileError("SLW879", "another worker has changed the traffic meanwhile")
