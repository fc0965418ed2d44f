"""What is in the clusters, from the rows of the inventory."""

from __future__ import annotations

import time
from collections.abc import Mapping

from domain.core.errors import SluicewayError
from domain.inventory.model import EventRow, ObjectRow
from workers.client.guard import Guard
from workers.client.on_engine.parts import EngineParts
from workers.client.ports.fleet import (
    ClusterDetails,
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


class EngineFleets:
    """Implements `Fleets`."""

    def __init__(self, parts: EngineParts, guard: Guard) -> None:
        self._parts, self._guard = parts, guard

    async def overview(self) -> Fleet:
        """See `Fleets`."""
        return Fleet(as_of=time.time())

    async def heard(self) -> Mapping[str, float]:
        """See `Fleets`."""
        return {}

    async def clusters(self, text: str, status: str, page: PageOf, health: str = "") -> Page[FleetCluster]:
        """See `Fleets`."""
        return Page((), as_of=time.time())

    async def cluster(self, name: str) -> ClusterDetails:
        """See `Fleets`."""
        raise _nothing(f"cluster {name}")

    async def namespaces(self, cluster: str, text: str, page: PageOf) -> Page[FleetNamespace]:
        """See `Fleets`."""
        return Page((), as_of=time.time())

    async def namespace(self, cluster: str, name: str) -> FleetNamespace:
        """See `Fleets`."""
        raise _nothing(f"namespace {name} in {cluster}")

    async def objects(self, filter: ObjectFilter, page: PageOf) -> Page[ObjectRow]:
        """See `Fleets`."""
        return Page((), as_of=time.time())

    async def counts(self, filter: ObjectFilter) -> ObjectCounts:
        """See `Fleets`."""
        return ObjectCounts()

    async def object(self, cluster: str, kind: str, namespace: str, name: str) -> ObjectDetails:
        """See `Fleets`."""
        raise _nothing(f"{kind} {namespace}/{name} in {cluster}")

    async def services(self, text: str, health: str, page: PageOf) -> Page[FleetService]:
        """See `Fleets`."""
        return Page((), as_of=time.time())

    async def service(self, name: str) -> FleetService:
        """See `Fleets`."""
        raise _nothing(f"service {name}")

    async def events(self, cluster: str, namespace: str, going: bool, page: PageOf) -> Page[EventRow]:
        """See `Fleets`."""
        return Page((), as_of=time.time())

    async def search(self, text: str) -> tuple[Found, ...]:
        """See `Fleets`."""
        return ()


def _nothing(what: str) -> SluicewayError:
    return SluicewayError("SLW907", f"there is no {what[:300]}")
