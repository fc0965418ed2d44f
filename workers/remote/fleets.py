"""What is in the clusters of a server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from domain.inventory.model import EventRow, ObjectRow
from workers.client.ports.addresses import quoted
from workers.client.ports.fleets import (
    ClusterDetails,
    DetailCounts,
    Fleet,
    FleetCluster,
    FleetNamespace,
    FleetService,
    Found,
    ObjectCounts,
    ObjectDetails,
    ObjectFilter,
)
from workers.client.ports.pages import Page, PageOf
from workers.remote.connection import Connection


class RemoteFleets:
    """`Fleets` over HTTP."""

    def __init__(self, server: Connection) -> None:
        self._server = server

    async def overview(self) -> Fleet:
        """See `Fleets`."""
        return await self._server.get("/fleet", Fleet)

    async def heard(self) -> Mapping[str, float]:
        """See `Fleets`."""
        return await self._server.get("/fleet/heard", dict[str, float])

    async def clusters(self, text: str, status: str, page: PageOf, health: str = "") -> Page[FleetCluster]:
        """See `Fleets`."""
        query = {"text": text, "status": status, "health": health, **asdict(page)}
        return await self._server.get("/clusters", Page[FleetCluster], query)

    async def cluster(self, name: str) -> ClusterDetails:
        """See `Fleets`."""
        return await self._server.get(f"/clusters/{quoted(name)}", ClusterDetails)

    async def namespaces(self, cluster: str, text: str, page: PageOf) -> Page[FleetNamespace]:
        """See `Fleets`."""
        query = {"cluster": cluster, "text": text, **asdict(page)}
        return await self._server.get("/namespaces", Page[FleetNamespace], query)

    async def namespace(self, cluster: str, name: str) -> FleetNamespace:
        """See `Fleets`."""
        return await self._server.get(f"/clusters/{quoted(cluster)}/namespace", FleetNamespace, {"name": name})

    async def objects(self, filter: ObjectFilter, page: PageOf) -> Page[ObjectRow]:
        """See `Fleets`."""
        return await self._server.get("/objects", Page[ObjectRow], asdict(filter) | asdict(page))

    async def counts(self, filter: ObjectFilter) -> ObjectCounts:
        """See `Fleets`."""
        return await self._server.get("/objects/counts", ObjectCounts, asdict(filter))

    async def details(self, filter: ObjectFilter, detail: str) -> DetailCounts:
        """See `Fleets`."""
        return await self._server.get("/objects/details", DetailCounts, asdict(filter) | {"detail": detail})

    async def object(self, cluster: str, kind: str, namespace: str, name: str) -> ObjectDetails:
        """See `Fleets`."""
        query = {"kind": kind, "namespace": namespace, "name": name}
        return await self._server.get(f"/clusters/{quoted(cluster)}/object", ObjectDetails, query)

    async def services(self, text: str, health: str, page: PageOf) -> Page[FleetService]:
        """See `Fleets`."""
        return await self._server.get("/services", Page[FleetService], {"text": text, "health": health, **asdict(page)})

    async def service(self, name: str) -> FleetService:
        """See `Fleets`."""
        return await self._server.get("/service", FleetService, {"name": name})

    async def events(self, cluster: str, namespace: str, going: bool, page: PageOf) -> Page[EventRow]:
        """See `Fleets`."""
        query = {"cluster": cluster, "namespace": namespace, "going": going, **asdict(page)}
        return await self._server.get("/events", Page[EventRow], query)

    async def search(self, text: str) -> tuple[Found, ...]:
        """See `Fleets`."""
        return await self._server.get("/search", tuple[Found, ...], {"text": text})
