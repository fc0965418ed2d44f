"""Who an event says made and started its change, and where the commits are that show it."""

from __future__ import annotations

from domain.approvals.request import ChangeAuthors, ChangeRef
from domain.triggers.events import Event, EventSource
from domain.triggers.source import SourceRef


def people_of(event: Event, source: SourceRef) -> ChangeAuthors:
    """Before the commits are read."""
    return ChangeAuthors(
        event.author,
        event.committer,
        starter_of(event),
        starter_from=event.actor_from,
        change=ChangeRef(event.repo, source.repo, source.commit, event.head, event.base) if source.repo else None,
    )


def starter_of(event: Event) -> str:
    """An identity's name, or the address `LOGIN@localhost` of a user of the engine's machine."""
    return f"{event.actor}@localhost" if event.actor_from == EventSource.SYSTEM else event.actor
