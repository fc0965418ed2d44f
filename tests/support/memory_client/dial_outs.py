"""Clusters of a world in memory that dial out: what their workers tell is what the world knows of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from activities.inventory.port import ClusterLife
from domain.core.errors import DefinitionError
from domain.inventory.dialled import CALL
from domain.inventory.model import EventRow, ObjectRow, WatchRow
from domain.inventory.told import CODE, size_of
from tests.support.memory_client.world import NOW, World
from workers.client.guard import Guard
from workers.client.on_engine.dial_outs.dial_outs import EngineDialOuts
from workers.client.ports.dial_outs import Beaten, DialledTask


def memory_dial_outs(world: World, guard: Guard) -> EngineDialOuts:
    """`DialOuts` as on an engine, with this world in its place."""
    relay, ledger = MemoryRelay(world.dialled_work), MemoryLedger(world)
    return EngineDialOuts(
        guard, relay, lambda: ledger, lambda cluster: _dials_out(world, cluster), lambda: NOW, key=lambda: bytes(32)
    )


def _dials_out(world: World, cluster: str) -> bool:
    life = world.cluster_lives.get(cluster)
    return life is not None and json.loads(life.body).get("dials_out") is True


@dataclass
class MemoryRelay:
    """Implements `Relay`. `work`: by cluster, what waits; what was given away has a handle until it ends."""

    work: dict[str, list[str]]
    calls: dict[str, list[str]] = field(default_factory=dict)
    """By cluster, what its worker is asked for."""
    answers: list[str] = field(default_factory=list)
    given: dict[str, str] = field(default_factory=dict)
    """Handle to its cluster."""
    ends: list[tuple[str, bool]] = field(default_factory=list)
    over: bool = False

    async def task(self, cluster: str) -> DialledTask | None:
        waiting = self.work.get(cluster, [])
        if not waiting:
            return None
        handle = f"{cluster}.{len(self.given)}"
        self.given[handle] = cluster
        return DialledTask(handle=handle, kind=waiting.pop(0))

    async def call(self, cluster: str) -> DialledTask | None:
        waiting = self.calls.get(cluster, [])
        if not waiting:
            return None
        handle = f"{cluster}.{len(self.given)}"
        self.given[handle] = cluster
        return DialledTask(handle=handle, kind=CALL, asked=waiting.pop(0))

    async def answer(self, cluster: str, handle: str, text: str) -> None:
        self._need(cluster, handle)
        self.answers.append(text)

    async def beat(self, cluster: str, handle: str) -> Beaten:
        self._need(cluster, handle)
        return Beaten(self.over)

    async def end(self, cluster: str, handle: str, said: str, failed: bool) -> None:
        self._need(cluster, handle)
        self.ends.append((said, failed))

    def _need(self, cluster: str, handle: str) -> None:
        if self.given.get(handle) != cluster:
            raise DefinitionError(CODE, "this is no work of this cluster", where=cluster)


class MemoryLedger:
    """Implements `Ledger`."""

    def __init__(self, world: World) -> None:
        self._world = world

    def names(self, cluster: str, kind: str) -> set[tuple[str, str]]:
        return {key[2:] for key in self._world.objects if key[:2] == (cluster, kind)}

    def names_after(self, cluster: str, kind: str, after: tuple[str, str], most: int) -> list[tuple[str, str]]:
        return sorted(one for one in self.names(cluster, kind) if one > after)[:most]

    def number(self, cluster: str) -> int:
        return sum(key[0] == cluster for key in self._world.objects)

    def size(self, cluster: str) -> int:
        return sum(size_of(row) for key, row in self._world.objects.items() if key[0] == cluster)

    def apply(self, cluster: str, changed: Sequence[ObjectRow], gone: Iterable[tuple[str, str, str]] = ()) -> None:
        for key in gone:
            self._world.objects.pop((cluster, *key), None)
        self._world.objects |= {row.key: row for row in changed}

    def heard(self, row: WatchRow) -> None:
        known = self._world.watches.get(row.cluster, row)
        self._world.watches[row.cluster] = replace(row, worker=known.worker)

    def greeted(self, cluster: str, version: str) -> None:
        known = self._world.watches.get(cluster, WatchRow(cluster=cluster))
        self._world.watches[cluster] = replace(known, worker=version)

    def dialled(self, cluster: str, at: float) -> None:
        known = self._world.watches.get(cluster, WatchRow(cluster=cluster))
        self._world.watches[cluster] = replace(known, dialled_at=at)

    def warn(self, cluster: str, events: Sequence[EventRow]) -> None:
        new = {event.uid for event in events}
        kept = [one for one in self._world.warnings if (one.cluster, one.uid in new) != (cluster, True)]
        self._world.warnings = [*kept, *events]

    def end_events(
        self, cluster: str, about: Iterable[str], at: float, because: str, *, events: Iterable[str] = ()
    ) -> None:
        over = {*about}, {*events}

        def ended(one: EventRow) -> bool:
            return one.cluster == cluster and not one.ended_at and (one.about in over[0] or one.uid in over[1])

        self._world.warnings = [
            replace(one, ended_at=at, ended_because=because) if ended(one) else one for one in self._world.warnings
        ]

    def going(self, cluster: str) -> Sequence[EventRow]:
        found = [one for one in self._world.warnings if one.cluster == cluster and not one.ended_at]
        return sorted(found, key=lambda one: -one.last_at)

    def lives(self, life: ClusterLife) -> None:
        self._world.cluster_lives[life.name] = life

    def forget(self, cluster: str) -> None:
        self._world.cluster_lives.pop(cluster, None)
