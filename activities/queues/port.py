"""What a queue is asked for on behalf of a workflow that waits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from temporalio import activity

from domain.queues.queue import ConcurrencyPolicy


@dataclass(frozen=True)
class Join:
    """Asks for a place in a queue, by the id of the workflow that waits."""

    queue: str
    """Workflow id; started when there is none."""
    who: str
    terms: ConcurrencyPolicy


class QueueActivities(Protocol):
    """As workflows call them; their implementation is in activities.py."""

    @activity.defn(name="join-queue")
    async def join(self, input: Join) -> None:
        """Asks for a place in a concurrency group. Asking again changes nothing."""
        ...
