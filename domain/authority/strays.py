"""Executions that nobody of ours has started, and keys that nothing needs any more."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

CODE = "SLW002"
"""An execution that cannot start, ended by the engine."""
PATIENCE_S = 15.0
"""How long a worker may take to refuse a start itself. A sweep every 15 s ends what is left within a minute."""
KEPT_S = 31 * 86_400.0
"""How long a key verifies after its successor began to sign: a day more than Temporal keeps what has ended."""


@dataclass(frozen=True)
class OpenExecution:
    """An execution as the server lists it. Times are in seconds since the epoch."""

    workflow_id: str
    run_id: str
    type: str
    queue: str
    started_at: float


def to_look_at(one: OpenExecution, queues: Collection[str], now: float, *, alone: bool) -> bool:
    """Whether its start must be verified by now. `alone`: nobody else may use the server, whatever the queue."""
    return now - one.started_at >= PATIENCE_S and (alone or one.queue in queues)


def words(one: OpenExecution, types: Collection[str], queues: Collection[str], why: str) -> str:
    """Why an execution that is not ours was ended; `why`: what is wrong with its first message."""
    if one.queue not in queues:
        return f"nobody works on its task queue {one.queue[:80]}, and {why}"
    if one.type not in types:
        return f"there is no workflow {one.type[:80]}, and {why}"
    return f"its start was not sent by this engine: {why}"


@dataclass(frozen=True)
class KeyAge:
    """A key's id and when it began to sign, in seconds since the epoch."""

    id: str
    made_at: float


def unneeded(keys: Sequence[KeyAge], oldest_open_at: float, in_schedules: Collection[str], now: float) -> list[str]:
    """Ids of the keys that nothing can need: what they have sealed has ended and is forgotten. `keys`: oldest first.

    `oldest_open_at`: when the oldest open execution has started; `now` without one. `in_schedules`: ids of the keys
    that schedules' arguments are sealed with.
    """
    found = []
    for key, successor in pairwise(keys):
        over = successor.made_at + KEPT_S <= now and successor.made_at <= oldest_open_at
        if over and key.id not in in_schedules:
            found.append(key.id)
    return found
