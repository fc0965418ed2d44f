"""What started the run that a job is part of: decides which caches it may write, and whether it makes a baseline."""

from __future__ import annotations

from activities.jobs.port import JobInput
from domain.triggers.events import EventKind, EventRef

_LEAST = EventKind.PULL_REQUEST


def event_of(input: JobInput) -> EventRef:
    """The event of the message. One of a version that told only the scripts is read as a script reads it; when nobody
    says anything, it counts as a pull request, which may do the least.
    """
    if input.event is not None:
        return input.event
    env = input.env
    kind = EventKind(env.get("SLUICEWAY_EVENT", _LEAST))
    return EventRef(kind, env.get("SLUICEWAY_BRANCH", ""), env.get("SLUICEWAY_TAG", ""))
