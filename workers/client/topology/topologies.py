"""`Topologies` on the ports of the fleet and of releases, which decide what the caller may read."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from domain.inventory.model import Freshness
from domain.inventory.room import Asked
from workers.client.ports.fleets import Fleets, ObjectFilter
from workers.client.ports.pages import Page, PageOf
from workers.client.ports.releases import Releases
from workers.client.ports.topology import ClaimRow, Fitting, Networks, Rooms, Storage, TopologyMap
from workers.client.topology import maps
from workers.client.topology.networks import networks
from workers.client.topology.reading import heard
from workers.client.topology.rooms import fitting, rooms
from workers.client.topology.storages import claims, storage


@dataclass(frozen=True)
class TopologiesOnFleets:
    """Implements `Topologies`."""

    fleets: Fleets
    releases: Releases
    clock: Callable[[], float] = time.time

    async def map(self, cluster: str, namespace: str, workload: str) -> TopologyMap:
        """See `Topologies`."""
        at, fresh = await heard(self.fleets, cluster, self.clock()) if cluster else (0.0, Freshness.LIVE)
        content = await self._content(cluster, namespace, workload)
        return TopologyMap(
            level=content.level,
            cluster=cluster,
            namespace=namespace,
            workload=workload,
            drawing=await asyncio.to_thread(content.drawing),
            things=content.things,
            unread=content.unread,
            unsure=content.unsure,
            unlinked=content.unlinked,
            freshness=fresh,
            heard_at=at,
            as_of=self.clock(),
        )

    async def _content(self, cluster: str, namespace: str, workload: str) -> maps.Content:
        if not cluster:
            return await maps.clusters(self.fleets)
        if not namespace:
            return await maps.namespaces(self.fleets, cluster)
        if not workload:
            return await maps.workloads(self.fleets, self.releases, cluster, namespace)
        return await maps.workload(self.fleets, self.releases, cluster, namespace, workload)

    async def reach(self, cluster: str, namespace: str) -> Networks:
        """See `Topologies`."""
        return await networks(self.fleets, cluster, namespace, self.clock())

    async def claims(self, cluster: str, namespace: str, status: str, page: PageOf) -> Page[ClaimRow]:
        """See `Topologies`."""
        which = ObjectFilter(kind="PersistentVolumeClaim", cluster=cluster, namespace=namespace, status=status)
        return await claims(self.fleets, which, page)

    async def storage(self, cluster: str) -> Storage:
        """See `Topologies`."""
        return await storage(self.fleets, cluster, self.clock())

    async def rooms(self, cluster: str, namespace: str) -> Rooms:
        """See `Topologies`."""
        return await rooms(self.fleets, cluster, namespace, self.clock())

    async def fits(self, cluster: str, namespace: str, asked: Asked) -> Fitting:
        """See `Topologies`."""
        return await fitting(self.fleets, cluster, namespace, asked, self.clock())
