"""Places in a queue: who holds one, who waits and in which order. Concurrency groups and the locks of environments.

Every ask brings the terms of its own definition, and the last ones that came count for the group: definitions change
from commit to commit, and the newest is what its authors want now.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field, replace
from enum import StrEnum

from domain.core.values import duration_text

MAX_WAITING = 1_000
"""More are refused: a group that only grows is a mistake, and its state must fit into one payload."""
MAX_NAME = 200
WEIGHT = 0.3
"""Of the newest hold in the mean: the last three count for two thirds."""


class Mode(StrEnum):
    """What a newcomer does when the group is full."""

    QUEUE = "queue"
    CANCEL_PENDING = "cancel-pending"
    CANCEL_RUNNING = "cancel-running"
    REJECT = "reject"


class Order(StrEnum):
    """Who of those that wait gets the next free slot: the oldest, the newest, or the highest priority."""

    FIFO = "fifo"
    LIFO = "lifo"
    PRIORITY = "priority"


@dataclass(frozen=True)
class ConcurrencyPolicy:
    """How many runs or jobs of a concurrency group may be under way, and what a newcomer does."""

    group: str = ""
    """Empty: no group."""
    limit: int = 1
    mode: Mode = Mode.QUEUE
    order: Order = Order.FIFO
    priority: int = 3
    """1 goes first, 5 last; of `order: priority`."""

    def complaint(self) -> str:
        """What is wrong with a name whose expressions have their values; empty: nothing."""
        if 0 < len(self.group.strip()) <= MAX_NAME:
            return ""
        said = f"{len(self.group)} characters long" if self.group.strip() else "empty"
        return f"the name of the concurrency group is {said}; 1 to {MAX_NAME} are allowed"


@dataclass(frozen=True)
class Slot:
    """Somebody that holds a slot in a group, or waits for one."""

    who: str
    asked_at: float = 0.0
    """Seconds since the epoch, as all times here."""
    priority: int = 3
    since: float = 0.0
    """Of the grant; 0: it waits."""
    evicted: str = ""
    """Why it was told to end, while it has not ended yet."""


class SlotStatus(StrEnum):
    """What a queue tells somebody that asked for a slot."""

    GRANTED = "granted"
    CANCELLED = "cancelled"
    REJECTED = "rejected"


@dataclass(frozen=True)
class Notice:
    """What somebody is to be told."""

    who: str
    told: SlotStatus
    reason: str = ""


@dataclass
class Queue:
    """Asking and giving back may be repeated, and may come from those who are not known any more: nothing happens."""

    limit: int = 1
    order: Order = Order.FIFO
    holders: list[Slot] = field(default_factory=list)
    waiting: list[Slot] = field(default_factory=list)
    """In the order in which they asked."""
    hold_s: float = 0.0
    """Mean time for which a slot is held; 0: nobody has given one back yet."""

    @property
    def empty(self) -> bool:
        """Whether nobody holds a slot and nobody waits: the queue's workflow may end."""
        return not self.holders and not self.waiting

    def ask(self, who: str, terms: ConcurrencyPolicy, now: float) -> list[Notice]:
        """A holder that asks again is told again that it holds, or that it is to end."""
        for held in self.holders:
            if held.who == who:
                return [
                    Notice(who, SlotStatus.CANCELLED, held.evicted) if held.evicted else Notice(who, SlotStatus.GRANTED)
                ]
        if any(place.who == who for place in self.waiting):
            return []
        self.limit, self.order = terms.limit, terms.order
        full = len(self.holders) >= self.limit
        if full and terms.mode is Mode.REJECT:
            return [Notice(who, SlotStatus.REJECTED, f"{self._held()} and the group does not queue")]
        if len(self.waiting) >= MAX_WAITING:
            return [Notice(who, SlotStatus.REJECTED, f"the queue is full: {len(self.waiting):,} are waiting")]
        notices = self._evict(who, terms.mode)
        self.waiting.append(Slot(who, now, terms.priority))
        return notices + self._admit(now)

    def give(self, who: str, now: float) -> list[Notice]:
        """Gives up a slot or the wait for one; returns whose turn it is now."""
        for held in [place for place in self.holders if place.who == who]:
            self.holders.remove(held)
            took = max(now - held.since, 0.0)
            self.hold_s = took if self.hold_s == 0 else WEIGHT * took + (1 - WEIGHT) * self.hold_s
        self.waiting = [place for place in self.waiting if place.who != who]
        return self._admit(now)

    def _held(self) -> str:
        names = ", ".join(place.who for place in self.holders[:3])
        more = f" and {len(self.holders) - 3} more" if len(self.holders) > 3 else ""
        slots = "the slot is" if self.limit == 1 else f"all {self.limit} slots are"
        return f"{slots} held by {names}{more},"

    def _evict(self, newcomer: str, mode: Mode) -> list[Notice]:
        if mode not in (Mode.CANCEL_PENDING, Mode.CANCEL_RUNNING):
            return []
        reason = f"superseded by {newcomer}"
        notices = [Notice(place.who, SlotStatus.CANCELLED, reason) for place in self.waiting]
        self.waiting.clear()
        staying = [place for place in self.holders if not place.evicted]
        if mode is Mode.CANCEL_RUNNING and len(staying) >= self.limit:
            for place in staying[: len(staying) - self.limit + 1]:  # the oldest make room for one
                self.holders[self.holders.index(place)] = replace(place, evicted=reason)
                notices.append(Notice(place.who, SlotStatus.CANCELLED, reason))
        return notices

    def _admit(self, now: float) -> list[Notice]:
        notices = []
        while self.waiting and len(self.holders) < self.limit:
            place = self.in_order()[0]
            self.waiting.remove(place)
            self.holders.append(replace(place, since=now))
            notices.append(Notice(place.who, SlotStatus.GRANTED))
        return notices

    def in_order(self) -> list[Slot]:
        """Those who wait, the next one first."""
        if self.order is Order.LIFO:
            return self.waiting[::-1]
        if self.order is Order.PRIORITY:
            return sorted(self.waiting, key=lambda place: place.priority)
        return list(self.waiting)

    def expected_s(self, now: float) -> dict[str, float]:
        """Who waits to how long that will be, if slots are held for as long as they were and nobody else comes.

        Empty while nobody has given a place back: then there is nothing to go by.
        """
        if not self.hold_s:
            return {}
        free = [max(self.hold_s - (now - place.since), 0.0) for place in self.holders]
        # places above a limit that has shrunk are not given on
        free = sorted(free)[max(len(free) - self.limit, 0) :]
        expected: dict[str, float] = {}
        for place in self.in_order():
            expected[place.who] = free[0] if free else 0.0
            heapq.heapreplace(free, expected[place.who] + self.hold_s)
        return expected


def words(queue: Queue, now: float) -> dict[str, str]:
    """Who waits to `place 3 of 7, in about 40 s`."""
    expected, order = queue.expected_s(now), queue.in_order()
    about = {who: f", in about {duration_text(seconds)}" for who, seconds in expected.items()}
    return {
        place.who: f"place {index} of {len(order)}{about.get(place.who, '')}" for index, place in enumerate(order, 1)
    }
