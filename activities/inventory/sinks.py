"""What becomes of the objects that are followed: rows, warnings, and what a lost node does to its pods."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from activities.inventory.decoding import Unfit
from activities.inventory.following import in_turns
from activities.inventory.gathered import Gathered
from domain.inventory.events import event_row, is_warning
from domain.inventory.model import EventRow, ObjectRow
from domain.inventory.nodes import is_lost
from domain.inventory.rows import Reader, unreadable
from domain.inventory.scene import Scene
from domain.inventory.shapes import Event, Meta
from domain.inventory.texts import clean

MOST_OBJECTS = 200_000
"""Of a kind in a cluster: of more only the first ones that its API server lists are known."""
OVER = f"it has more than {MOST_OBJECTS:,}: only the first of them are shown"


@dataclass
class Surroundings:
    """What sinks of a cluster share."""

    gathered: Gathered
    scene: Scene
    unwatched: dict[str, str] = field(default_factory=dict)
    """Kinds that are not known, or not all of them, and why."""
    unlisted: set[str] = field(default_factory=set)
    """Kinds that were not listed or refused yet."""
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    """What is unwatched or unlisted is not as it was."""
    again: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    """Nodes that were lost, or are back: their pods look different."""
    nodes_known: asyncio.Event = field(default_factory=asyncio.Event)
    all_known: asyncio.Event = field(default_factory=asyncio.Event)
    """Every kind was listed, or cannot be."""

    def known(self, kind: str, why_not: str) -> None:
        """A kind was listed, or cannot be, or not all of it."""
        before = (self.unwatched.get(kind, ""), kind in self.unlisted)
        self.unlisted.discard(kind)
        if kind == "Node":
            self.nodes_known.set()
        if why_not:
            self.unwatched[kind] = clean(why_not)
        else:
            self.unwatched.pop(kind, None)
        if not self.unlisted:
            self.all_known.set()
        if before != (self.unwatched.get(kind, ""), False):
            self.changed.set()

    def lose(self, node: str, is_lost: bool) -> None:
        """A node is not heard of, or is again."""
        if (node in self.scene.lost) is not is_lost:
            lost = self.scene.lost | {node} if is_lost else self.scene.lost - {node}
            self.scene = replace(self.scene, lost=lost)
            self.again.put_nowait(node)


@dataclass
class ObjectSink:
    """Rows of one kind."""

    reader: Reader
    around: Surroundings
    newer: set[tuple[str, str]] | None = None
    """What was told of while another list was on its way, and is older there."""
    _listed: set[tuple[str, str]] = field(default_factory=set)
    _listing: bool = False

    def begin(self) -> None:
        """Rows of before stay until the list is whole."""
        self._listed, self._listing = set(), True

    def here(self, one: Any) -> None:
        """One more than are kept is left out."""
        row = self._row(one)
        if row is None:
            return
        if self.newer is not None:
            self.newer.add((row.namespace, row.name))
        known = self.around.gathered.known(row.kind, row.namespace, row.name)
        if known is None and self.is_full:
            return
        if self._listing:
            self._listed.add((row.namespace, row.name))
        if self.reader.kind == "Node":
            self.around.lose(row.name, not isinstance(one, Unfit) and is_lost(one))
        self.around.gathered.put(row)

    def here_as_of(self, found: Iterable[Any]) -> None:
        """Objects of a list beside the one that is followed."""
        newer, self.newer = self.newer or set(), None
        for one in found:
            row = self._row(one)
            if row is not None and (row.namespace, row.name) not in newer:
                self.around.gathered.put(row)

    def _row(self, one: Any) -> ObjectRow | None:
        cluster = self.around.scene.cluster
        if isinstance(one, Unfit):
            return unreadable(cluster, self.reader.kind, one.namespace, one.name, one.why) if one.name else None
        try:
            return self.reader.row(one, self.around.scene)
        except Exception as strange:  # one object must not hide all others, whatever is in it
            meta: Meta = one.metadata
            why = f"{type(strange).__name__}: {strange}"
            return unreadable(cluster, self.reader.kind, meta.namespace, meta.name, why)

    def gone(self, one: Any) -> None:
        """Its row goes."""
        row = self._row(one)
        if row is not None:
            if self.newer is not None:
                self.newer.add((row.namespace, row.name))
            if self.reader.kind == "Node":
                self.around.lose(row.name, False)
            self.around.gathered.remove(row.kind, row.namespace, row.name)

    async def room(self) -> None:
        """As many as are to be written may wait."""
        await self.around.gathered.room()

    async def listed(self) -> None:
        """What was known and is not in the list is gone, also where it was known to an earlier watch."""
        kind, gathered, full = self.reader.kind, self.around.gathered, self.is_full
        if not full:
            await self._sweep()
        self._listed, self._listing = set(), False
        self.around.known(kind, OVER if full else "")
        gathered.touch()

    async def _sweep(self) -> None:
        gathered, kind = self.around.gathered, self.reader.kind
        before = set(gathered.names(kind)) | await gathered.names_before(kind)
        async for namespace, name in in_turns(before - self._listed):
            if kind == "Node":
                self.around.lose(name, False)
            gathered.remove(kind, namespace, name)

    async def refused(self, why: str) -> None:
        """Nobody knows what there is of it: rows of before would say more than is known."""
        self._listed = set()
        await self._sweep()
        self._listing = False
        self.around.known(self.reader.kind, why)

    def failed(self, why: str) -> None:
        """Rows stay as they were."""
        if not why and self.reader.kind in self.around.unlisted:
            return
        if why or not self.is_full:
            self.around.known(self.reader.kind, why)

    @property
    def is_full(self) -> bool:
        """Whether so many are known that no more are listed."""
        return self.around.gathered.size(self.reader.kind) >= MOST_OBJECTS


@dataclass
class WarningSink:
    """Events that are no news of what is normal."""

    around: Surroundings
    now: Callable[[], float] = time.time
    _listed: set[str] = field(default_factory=set)

    def begin(self) -> None:
        """What goes on stays until the list is whole."""
        self._listed = set()

    def here(self, one: Event | Unfit) -> None:
        """An event that cannot be read says nothing."""
        if (row := self._row(one)) is not None:
            self._listed.add(row.uid)
            self.around.gathered.hear(row)

    def _row(self, one: Event | Unfit) -> EventRow | None:
        if isinstance(one, Unfit) or not is_warning(one):
            return None
        return event_row(one, self.around.scene.cluster)

    def gone(self, one: Event | Unfit) -> None:
        """Kubernetes has forgotten it."""
        if (row := self._row(one)) is not None:
            self.around.gathered.over(row.uid)

    async def room(self) -> None:
        """A flood waits until what it has told is written."""
        await self.around.gathered.room()

    async def listed(self) -> None:
        """What is not in the list is forgotten."""
        self.around.gathered.warnings.listed(self._listed)
        self._listed = set()
        self.around.known("Event", "")

    async def refused(self, why: str) -> None:
        """What goes on is not known."""
        self.around.gathered.warnings.listed(set())
        self.around.known("Event", why)

    def failed(self, why: str) -> None:
        """It is tried again."""
        if why or "Event" in self.around.unwatched:
            self.around.known("Event", why)

    @property
    def is_full(self) -> bool:
        """Never: the oldest are left out."""
        return False
