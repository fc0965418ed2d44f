"""Maps of the clusters of a server, networks, storage and room."""

from __future__ import annotations

from dataclasses import asdict

from domain.inventory.room import Asked
from workers.client.ports.addresses import quoted
from workers.client.ports.pages import Page, PageOf
from workers.client.ports.topology import ClaimRow, Fitting, Networks, Rooms, Storage, TopologyMap
from workers.remote.connection import Connection


class RemoteTopologies:
    """`Topologies` over HTTP."""

    def __init__(self, server: Connection) -> None:
        self._server = server

    async def map(self, cluster: str, namespace: str, workload: str) -> TopologyMap:
        """See `Topologies`."""
        query = {"cluster": cluster, "namespace": namespace, "workload": workload}
        return await self._server.get("/topology", TopologyMap, query)

    async def reach(self, cluster: str, namespace: str) -> Networks:
        """See `Topologies`."""
        return await self._server.get(f"/clusters/{quoted(cluster)}/networks", Networks, {"namespace": namespace})

    async def claims(self, cluster: str, namespace: str, status: str, page: PageOf) -> Page[ClaimRow]:
        """See `Topologies`."""
        query = {"cluster": cluster, "namespace": namespace, "status": status, **asdict(page)}
        return await self._server.get("/claims", Page[ClaimRow], query)

    async def storage(self, cluster: str) -> Storage:
        """See `Topologies`."""
        return await self._server.get(f"/clusters/{quoted(cluster)}/storage", Storage)

    async def rooms(self, cluster: str, namespace: str) -> Rooms:
        """See `Topologies`."""
        return await self._server.get(f"/clusters/{quoted(cluster)}/rooms", Rooms, {"namespace": namespace})

    async def fits(self, cluster: str, namespace: str, asked: Asked) -> Fitting:
        """See `Topologies`."""
        query = {"namespace": namespace, **asdict(asked)}
        return await self._server.get(f"/clusters/{quoted(cluster)}/fit", Fitting, query)
