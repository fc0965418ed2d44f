"""The event that started a job's run: decides which caches it may write, and whether its scan becomes a baseline."""

from __future__ import annotations

from activities.jobs.port import JobInput
from domain.triggers.events import EventKind, EventRef

_LEAST = EventKind.PULL_REQUEST


def event_of(input: JobInput) -> EventRef:
    """The event of the message. Older messages have only the scripts' variables; without any, it counts as a pull
    request, which has the fewest rights.
    """
    if input.event is not None:
        return input.event
    env = input.env
    kind = EventKind(env.get("SLUICEWAY_EVENT", _LEAST))
    return EventRef(kind, env.get("SLUICEWAY_BRANCH", ""), env.get("SLUICEWAY_TAG", ""))
