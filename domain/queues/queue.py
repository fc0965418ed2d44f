"""Slots of a queue: holders, waiters and their order. Used by concurrency groups and environment locks.

Every request carries the policy of its own definition, and the latest one applies to the group: definitions change from
commit to commit, and the newest is what its authors want.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field, replace
from enum import StrEnum

from domain.core.values import duration_text

MAX_WAITING = 1_000
"""Further requests are refused: an ever-growing group is a mistake, and its state must fit into one payload."""
MAX_NAME = 200
WEIGHT = 0.3
"""Weight of the newest hold in the moving average: the last three make up two thirds."""


class Mode(StrEnum):
    """What a new request does when the group is full."""

    QUEUE = "queue"
    CANCEL_PENDING = "cancel-pending"
    CANCEL_RUNNING = "cancel-running"
    REJECT = "reject"


class Order(StrEnum):
    """Which waiter gets the next free slot: the oldest, the newest, or the one with the highest priority."""

    FIFO = "fifo"
    LIFO = "lifo"
    PRIORITY = "priority"


@dataclass(frozen=True)
class ConcurrencyPolicy:
    """How many runs or jobs of a concurrency group may run at once, and what a new request does."""

    group: str = ""
    """Empty: no group."""
    limit: int = 1
    mode: Mode = Mode.QUEUE
    order: Order = Order.FIFO
    priority: int = 3
    """1 is the highest, 5 the lowest; for `order: priority`."""
    owner: str = ""
    """Repository and pipeline that ask; empty: asked by an engine before owners, which may do what they could."""
    visitor: str = ""
    """The branch of a pull request, whose definition nobody has merged; empty: none."""

    def complaint(self) -> str:
        """What is wrong with a group name after its expressions were evaluated; empty: valid."""
        if 0 < len(self.group.strip()) <= MAX_NAME:
            return ""
        said = f"{len(self.group)} characters long" if self.group.strip() else "empty"
        return f"the name of the concurrency group is {said}; 1 to {MAX_NAME} are allowed"


@dataclass(frozen=True)
class Slot:
    """A holder of a slot in a group, or a waiter for one."""

    who: str
    asked_at: float = 0.0
    """Seconds since the epoch, like all times here."""
    priority: int = 3
    since: float = 0.0
    """When it was granted; 0: still waiting."""
    evicted: str = ""
    """Why it was told to end; empty: it was not."""
    owner: str = ""
    visitor: str = ""

    def may_be_evicted(self, terms: ConcurrencyPolicy) -> bool:
        """A pipeline ends runs of its own, and a pull request those of its branch: anybody can name a group."""
        if not terms.owner:
            return True
        return self.owner == terms.owner and (not terms.visitor or self.visitor == terms.visitor)


class SlotStatus(StrEnum):
    """A queue's answer to a request for a slot."""

    GRANTED = "granted"
    CANCELLED = "cancelled"
    REJECTED = "rejected"


@dataclass(frozen=True)
class Notice:
    """A message to a holder or waiter."""

    who: str
    told: SlotStatus
    reason: str = ""


@dataclass
class Queue:
    """All operations are idempotent, and ignore requesters that are no longer known."""

    limit: int = 1
    order: Order = Order.FIFO
    holders: list[Slot] = field(default_factory=list)
    waiting: list[Slot] = field(default_factory=list)
    """In the order of their requests."""
    hold_s: float = 0.0
    """Average time a slot is held; 0: none was released yet."""

    @property
    def empty(self) -> bool:
        """Whether there are no holders and no waiters: the queue's workflow may end."""
        return not self.holders and not self.waiting

    def ask(self, who: str, terms: ConcurrencyPolicy, now: float) -> list[Notice]:
        """Requests a slot. A holder that asks again is told its state again."""
        for held in self.holders:
            if held.who == who:
                return [
                    Notice(who, SlotStatus.CANCELLED, held.evicted) if held.evicted else Notice(who, SlotStatus.GRANTED)
                ]
        if any(place.who == who for place in self.waiting):
            return []
        if self.empty or not terms.visitor:  # else a pull request would let everybody in at once
            self.limit, self.order = terms.limit, terms.order
        full = len(self.holders) >= self.limit
        if full and terms.mode is Mode.REJECT:
            return [Notice(who, SlotStatus.REJECTED, f"{self._held()} and the group does not queue")]
        if len(self.waiting) >= MAX_WAITING:
            return [Notice(who, SlotStatus.REJECTED, f"the queue is full: {len(self.waiting):,} are waiting")]
        notices = self._evict(who, terms)
        self.waiting.append(Slot(who, now, terms.priority, owner=terms.owner, visitor=terms.visitor))
        return notices + self._admit(now)

    def give(self, who: str, now: float) -> list[Notice]:
        """Releases a slot or leaves the queue; returns whose turn it is now."""
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

    def _evict(self, newcomer: str, terms: ConcurrencyPolicy) -> list[Notice]:
        if terms.mode not in (Mode.CANCEL_PENDING, Mode.CANCEL_RUNNING):
            return []
        reason = f"superseded by {newcomer}"
        ours = [place for place in self.waiting if place.may_be_evicted(terms)]
        notices = [Notice(place.who, SlotStatus.CANCELLED, reason) for place in ours]
        self.waiting = [place for place in self.waiting if place not in ours]
        staying = [place for place in self.holders if not place.evicted]
        if terms.mode is Mode.CANCEL_RUNNING and len(staying) >= self.limit:
            leaving = [place for place in staying if place.may_be_evicted(terms)]
            for place in leaving[: len(staying) - self.limit + 1]:  # the oldest holders make room for the new one
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
        """The waiters, next one first."""
        if self.order is Order.LIFO:
            return self.waiting[::-1]
        if self.order is Order.PRIORITY:
            return sorted(self.waiting, key=lambda place: place.priority)
        return list(self.waiting)

    def expected_s(self, now: float) -> dict[str, float]:
        """Waiter to expected wait in seconds, if slots are held as long as before and nobody else arrives.

        Empty until the first slot is released: there is no average yet.
        """
        if not self.hold_s:
            return {}
        free = [max(self.hold_s - (now - place.since), 0.0) for place in self.holders]
        # when the limit was lowered, slots above it are not granted again
        free = sorted(free)[max(len(free) - self.limit, 0) :]
        expected: dict[str, float] = {}
        for place in self.in_order():
            expected[place.who] = free[0] if free else 0.0
            heapq.heapreplace(free, expected[place.who] + self.hold_s)
        return expected


def words(queue: Queue, now: float) -> dict[str, str]:
    """Waiter to `place 3 of 7, in about 40 s`."""
    expected, order = queue.expected_s(now), queue.in_order()
    about = {who: f", in about {duration_text(seconds)}" for who, seconds in expected.items()}
    return {
        place.who: f"place {index} of {len(order)}{about.get(place.who, '')}" for index, place in enumerate(order, 1)
    }
