"""What is known of a cluster's objects, and what of it is not written yet: changes of all kinds go together."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import NamedTuple

import msgspec

from activities.inventory.causes import Causes, Key
from activities.inventory.port import InventoryWriter
from activities.inventory.warnings import Warnings
from domain.core.errors import SluicewayError
from domain.inventory.events import GONE, HEALTHY
from domain.inventory.model import EventRow, Health, ObjectRow

TOGETHER_S = 0.2
"""Changes within this time are one transaction."""
MOST_WAITING, MOST_AT_ONCE = 5_000, 2_000
"""Rows that wait before a list is read on; rows of one transaction."""
AGAIN_S = 1.0
"""After the records could not be written."""
_ENCODE = msgspec.json.Encoder(enc_hook=dict).encode
WELL = (Health.HEALTHY, Health.SUSPENDED)


class Known(NamedTuple):
    """All that is remembered of an object: a hash of its row, its UID, and whether nothing is wrong with it."""

    digest: int
    uid: str
    well: bool


@dataclass
class Gathered:
    """Of one cluster; used in one event loop. The newest row of a key counts: a burst does not grow without bound."""

    cluster: str
    writer: InventoryWriter
    causes: Causes = field(default_factory=Causes)
    _known: dict[str, dict[str, dict[str, Known]]] = field(default_factory=dict)
    """By kind, namespace and name."""
    _sizes: dict[str, int] = field(default_factory=dict)
    _waiting: dict[Key, ObjectRow | None] = field(default_factory=dict)
    """None: it is gone."""
    _told: asyncio.Event = field(default_factory=asyncio.Event)
    _written: asyncio.Condition = field(default_factory=asyncio.Condition)

    def __post_init__(self) -> None:
        self.warnings = Warnings(self.cluster, self.known)

    def put(self, row: ObjectRow) -> None:
        """An object as it is now."""
        for one in self.causes.of(row):
            self._put(one)

    def _put(self, row: ObjectRow) -> None:
        _, kind, namespace, name = row.key
        names = self._known.setdefault(kind, {}).setdefault(namespace, {})
        before, now = names.get(name), Known(hash(_ENCODE(row)), row.uid, row.health in WELL)
        if before == now:
            return
        if before is None:
            self._sizes[kind] = self._sizes.get(kind, 0) + 1
        elif before.uid != now.uid:
            self._end((kind, namespace, name), GONE)
        names[name] = now
        if now.well and not (before and before.well):
            self._end((kind, namespace, name), HEALTHY)
        self._change((kind, namespace, name), row)

    def remove(self, kind: str, namespace: str, name: str) -> None:
        """An object that is gone. One that was never heard of may still have a row of an earlier watch."""
        before = self._known.get(kind, {}).get(namespace, {}).pop(name, None)
        if before is not None:
            self._sizes[kind] -= 1
        key = (kind, namespace, name)
        self._change(key, None)
        self._end(key, GONE)
        for one in self.causes.gone(key):
            self._put(one)

    def hear(self, event: EventRow) -> None:
        """A warning."""
        for row in self.causes.hear(self.warnings.hear(event)):
            self._put(row)
        self._told.set()

    def over(self, uid: str) -> None:
        """Kubernetes has forgotten a warning."""
        self.warnings.over(uid)
        self._told.set()

    def look(self, now: float) -> None:
        """Ends warnings that nobody repeats."""
        if self.warnings.look(now):
            self._told.set()

    def known(self, kind: str, namespace: str, name: str) -> Known | None:
        """What is remembered of an object."""
        return self._known.get(kind, {}).get(namespace, {}).get(name)

    def names(self, kind: str) -> Iterator[tuple[str, str]]:
        """Namespace and name of every object of a kind."""
        for namespace, names in self._known.get(kind, {}).items():
            for name in names:
                yield namespace, name

    async def names_before(self, kind: str) -> set[tuple[str, str]]:
        """Those of the rows, which an earlier watch may have written."""
        await self.written()
        return await asyncio.to_thread(self.writer.names, self.cluster, kind)

    def size(self, kind: str) -> int:
        """How many of a kind are known."""
        return self._sizes.get(kind, 0)

    def touch(self) -> None:
        """Has what waits written, also where nothing changed."""
        self._told.set()

    def _end(self, about: Key, why: str) -> None:
        if self.warnings.ended(about, why):
            self._told.set()

    def _change(self, key: Key, row: ObjectRow | None) -> None:
        self._waiting.pop(key, None)  # its last change is its newest: order is that of the changes
        self._waiting[key] = row
        self._told.set()

    # -- writing ----------------------------------------------------------------------------------------------------

    async def keep(self) -> None:
        """Writes what is gathered, until it is cancelled."""
        while True:
            await self._told.wait()
            await asyncio.sleep(TOGETHER_S)
            try:
                await self.write()
            except SluicewayError as broken:
                if not broken.transient:
                    raise
                await asyncio.sleep(AGAIN_S)

    async def room(self) -> None:
        """Returns when less than `MOST_WAITING` rows and warnings wait."""
        if self._waits() >= MOST_WAITING:
            async with self._written:
                await self._written.wait_for(lambda: self._waits() < MOST_WAITING)

    def _waits(self) -> int:
        return len(self._waiting) + len(self.warnings.news)

    async def written(self) -> None:
        """Returns when all that was put before is written."""
        async with self._written:
            await self._written.wait_for(lambda: not self._waiting)

    async def write(self) -> None:
        """Everything that waits, in the order of the changes.

        Raises:
            SluicewayError: the records cannot be written for a moment; nothing is lost.
        """
        self._told.clear()
        while self._waiting:
            part = dict(islice(self._waiting.items(), MOST_AT_ONCE))
            rows = [row for row in part.values() if row is not None]
            gone = [key for key, row in part.items() if row is None]
            await self._blocking(partial(self.writer.apply, self.cluster, rows, gone))
            for key, row in part.items():
                if self._waiting.get(key) is row:  # else it has changed meanwhile
                    self._waiting.pop(key, None)
            async with self._written:
                self._written.notify_all()
        await self._events()

    async def _events(self) -> None:
        news = self.warnings.taken()
        if not news:
            return
        try:
            await self._blocking(lambda: news.write(self.cluster, self.writer, time.time()))
        except SluicewayError:
            self.warnings.back(news)
            raise
        async with self._written:
            self._written.notify_all()

    async def _blocking(self, call: Callable[[], None]) -> None:
        try:
            await asyncio.to_thread(call)
        except SluicewayError:
            self._told.set()
            raise
