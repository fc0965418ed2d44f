"""What a queue is asked, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field

from domain.queues.queue import ConcurrencyPolicy, Queue


@dataclass
class QueueState:
    """All that `queue/GROUP` knows; carried over by continue-as-new."""

    group: str = ""
    queue: Queue = field(default_factory=Queue)


@dataclass(frozen=True)
class AskSlot:
    """Somebody asks for a slot in the group."""

    who: str
    """A run, or a run and its job with a space between."""
    terms: ConcurrencyPolicy = ConcurrencyPolicy()


@dataclass(frozen=True)
class GiveSlot:
    """Somebody gives its slot back, or waits no more."""

    who: str


@dataclass(frozen=True)
class SlotAnswer:
    """What a queue tells those who asked: granted, cancelled or rejected; empty: still waiting."""

    who: str
    told: str = ""
    reason: str = ""
    """Why, or the place in the queue."""
    queue: str = ""
    """Workflow id of the queue that says so."""
