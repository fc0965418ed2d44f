"""What the worker in a cluster asks and tells, checked before anything of it counts."""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Callable
from typing import Protocol

from activities.inventory.port import InventoryWriter
from activities.kubernetes.kubeconfigs import unknown
from domain.access.actions import Action
from domain.access.principal import Scope
from domain.access.resource import cluster_resource
from domain.core.errors import DefinitionError, RefusedError
from domain.core.version import VERSION
from domain.inventory.dial_versions import PROTOCOL, fits
from domain.inventory.model import KINDS, EventRow
from domain.inventory.told import CODE, MOST_KNOWN, Told, believed
from domain.inventory.told_pace import BYTES_OF_ROW, Cost, cost_of
from workers.client.guard import Guard, needed
from workers.client.on_engine.dial_outs.pace import Pace
from workers.client.ports.dial_outs import MOST_NAMES, Beaten, DialledTask, Greeted, Names, PermitsKey
from workers.client.unseen import unseen


class Ledger(InventoryWriter, Protocol):
    """The rows of the inventory, and when a worker in a cluster was heard of."""

    def dialled(self, cluster: str, at: float) -> None:
        """The worker in a cluster was heard of; Unix seconds."""
        ...

    def greeted(self, cluster: str, version: str) -> None:
        """Which version that worker has."""
        ...

    def names_after(self, cluster: str, kind: str, after: tuple[str, str], most: int) -> list[tuple[str, str]]:
        """Namespace and name of the rows of a kind after these, in order."""
        ...

    def number(self, cluster: str) -> int:
        """How many rows it has, of all kinds."""
        ...

    def size(self, cluster: str) -> int:
        """Bytes of what its rows say at length."""
        ...


class Relay(Protocol):
    """The task queue of a cluster, as only this process reaches it. Its handles fit one cluster."""

    async def task(self, cluster: str) -> DialledTask | None:
        """See `DialOuts`."""
        ...

    async def call(self, cluster: str) -> DialledTask | None:
        """See `DialOuts`."""
        ...

    async def beat(self, cluster: str, handle: str) -> Beaten:
        """See `DialOuts`."""
        ...

    async def end(self, cluster: str, handle: str, said: str, failed: bool) -> None:
        """See `DialOuts`."""
        ...

    async def answer(self, cluster: str, handle: str, text: str) -> None:
        """See `DialOuts`."""
        ...


def scope_of(cluster: str) -> Scope:
    """What the token of a cluster's worker is made for, and nothing else."""
    return Scope(actions=frozenset({Action.CLUSTERS_REPORT}), resources=frozenset({cluster_resource(cluster).id}))


class EngineDialOuts:
    """Implements `DialOuts`, of one caller."""

    def __init__(
        self,
        guard: Guard,
        relay: Relay,
        ledger: Callable[[], Ledger],
        dials_out: Callable[[str], bool],
        clock: Callable[[], float] = time.time,
        pace: Pace | None = None,
        *,
        key: Callable[[], bytes] = bytes,
    ) -> None:
        """`dials_out`: whether a cluster is registered so. `pace`: of all callers here. `key`: the one of permits."""
        self._pace, self._key = pace or Pace(), key
        self._guard, self._relay, self._ledger, self._dials_out = guard, relay, ledger, dials_out
        self._clock = clock

    async def hello(self, cluster: str, version: str, protocol: int) -> Greeted:
        """See `DialOuts`. Also who is refused is shown with their version."""
        await self._heard(cluster)
        await self._pace.write(cluster, lambda: self._ledger().greeted(cluster, version))
        if protocol != PROTOCOL:
            why = f"its version is {version or 'unknown'}, and the server's is {VERSION}"
            raise DefinitionError("SLW981", f"the worker in {cluster} speaks another protocol", why=why)
        return Greeted(version=VERSION, fits=fits(version, VERSION))

    async def task(self, cluster: str) -> DialledTask | None:
        """See `DialOuts`."""
        await self._heard(cluster)
        return await self._relay.task(cluster)

    async def call(self, cluster: str) -> DialledTask | None:
        """See `DialOuts`."""
        await self._heard(cluster)
        return await self._relay.call(cluster)

    async def beat(self, cluster: str, handle: str) -> Beaten:
        """See `DialOuts`."""
        await self._heard(cluster)
        return await self._relay.beat(cluster, handle)

    async def end(self, cluster: str, handle: str, said: str, failed: bool) -> None:
        """See `DialOuts`."""
        await self._heard(cluster)
        await self._relay.end(cluster, handle, said, failed)

    async def answer(self, cluster: str, handle: str, text: str) -> None:
        """See `DialOuts`."""
        await self._heard(cluster)
        await self._relay.answer(cluster, handle, text)

    async def tell(self, cluster: str, told: Told) -> None:
        """See `DialOuts`."""
        await self._need(cluster)
        cost = await self._pace.write(cluster, lambda: cost_of(told))
        self._pace.take(cluster, cost)
        await self._pace.write(cluster, lambda: self._write(cluster, told, cost.rows * BYTES_OF_ROW))

    def _write(self, cluster: str, said: Told, most: int) -> None:
        """`most`: bytes that it may come to."""
        ledger, told = self._ledger(), believed(cluster, said, self._clock())
        if told.rows and ledger.number(cluster) + len(told.rows) > MOST_KNOWN:
            raise DefinitionError(CODE, f"what is told of {cluster} is refused", why=f"it has {MOST_KNOWN:,} objects")
        if told.rows:
            self._pace.grow(cluster, most, lambda: ledger.size(cluster))
        if told.rows or told.gone:
            ledger.apply(cluster, told.rows, told.gone)
        if told.events:
            ledger.warn(cluster, told.events)
        for end in told.ended:
            ledger.end_events(cluster, end.about, end.at, end.because, events=end.events)
        if told.watch:
            ledger.heard(told.watch)

    async def names(self, cluster: str, kind: str, namespace: str, name: str) -> Names:
        """See `DialOuts`."""
        await self._heard(cluster)
        if kind not in KINDS:
            return Names((), whole=True)
        after, most = (namespace, name), MOST_NAMES
        found = await self._pace.write(cluster, lambda: self._ledger().names_after(cluster, kind, after, most))
        return Names(tuple(found), whole=len(found) < most)

    async def going(self, cluster: str) -> tuple[EventRow, ...]:
        """See `DialOuts`."""
        await self._heard(cluster)
        return tuple(await self._pace.write(cluster, lambda: self._ledger().going(cluster)))

    async def permits_key(self, cluster: str) -> PermitsKey:
        """See `DialOuts`."""
        about, nothing = cluster_resource(cluster), unknown(cluster)
        if not await asyncio.to_thread(self._dials_out, cluster):
            raise nothing
        async with unseen(self._guard, Action.CLUSTERS_READ, about, nothing):
            await needed(self._guard, Action.CLUSTERS_READ, about)
        return PermitsKey(base64.b64encode(await asyncio.to_thread(self._key)).decode())

    async def _heard(self, cluster: str) -> None:
        await self._need(cluster)
        await self._pace.write(cluster, lambda: self._ledger().dialled(cluster, self._clock()))

    async def _need(self, cluster: str) -> None:
        """Raises:
        RefusedError: SLW410, nobody lets them; SLW979, their token is for more, or for another one.
        SluicewayError: SLW952, they may not even know of it, or it does not dial out.
        PacedError: SLW980, it is more than is taken of this cluster.
        """
        about, nothing = cluster_resource(cluster), unknown(cluster)
        if not await asyncio.to_thread(self._dials_out, cluster):
            raise nothing  # whether there is another one of this name is not told either
        async with unseen(self._guard, Action.CLUSTERS_READ, about, nothing):
            await needed(self._guard, Action.CLUSTERS_REPORT, about)
        if self._guard.caller.scope != scope_of(cluster):
            raise RefusedError("SLW979", "this needs the token of this cluster's worker", where=cluster)
        self._pace.take(cluster, Cost())
