"""Inputs, messages and answers of a queue."""

from __future__ import annotations

from dataclasses import dataclass, field

from domain.queues.queue import ConcurrencyPolicy, Queue


@dataclass
class QueueState:
    """The whole state of `queue/GROUP`; carried over by continue-as-new."""

    group: str = ""
    queue: Queue = field(default_factory=Queue)


@dataclass(frozen=True)
class AskSlot:
    """Requests a slot in the group."""

    who: str
    """A run, or a run and its job separated by a space."""
    terms: ConcurrencyPolicy = ConcurrencyPolicy()


@dataclass(frozen=True)
class GiveSlot:
    """Releases a slot, or ends the wait for one."""

    who: str


@dataclass(frozen=True)
class SlotAnswer:
    """A queue's answer: granted, cancelled or rejected; empty: still waiting."""

    who: str
    told: str = ""
    reason: str = ""
    """The reason, or the place in the queue."""
    queue: str = ""
    """Workflow id of the answering queue."""
