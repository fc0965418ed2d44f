"""Message and signature of the queue activity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from temporalio import activity

from domain.queues.queue import ConcurrencyPolicy


@dataclass(frozen=True)
class Join:
    """Requests a slot in a queue, by the waiting workflow's id."""

    queue: str
    """Workflow id; started if it does not run."""
    who: str
    terms: ConcurrencyPolicy


class QueueActivities(Protocol):
    """Signatures of the activities; implemented in activities.py."""

    @activity.defn(name="join-queue")
    async def join(self, input: Join) -> None:
        """Requests a slot in a concurrency group. Idempotent."""
        ...
