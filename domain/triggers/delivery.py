"""A delivery: one event that reached a pipeline, with what it takes to read the definition."""

from __future__ import annotations

from dataclasses import dataclass, replace

from domain.triggers.events import Event
from domain.triggers.source import SourceRef


@dataclass(frozen=True)
class Delivery:
    """One thing that may start a run. The id makes it the same thing however often it arrives."""

    id: str
    event: Event
    path: str
    """Of the definition in the repository."""
    source: SourceRef = SourceRef()
    pipeline: str = ""
    reject_invalid: bool = False
    """A definition with errors starts no run, and they are the answer: somebody who can fix it is waiting."""


MAX_CHANGED_FILES_BYTES = 60_000


def truncate_event(event: Event) -> Event:
    """The event as a run carries it. Very long lists of changed files are cut; plans are made from the whole list."""
    size, kept = 0, []
    for name in event.changed_files:
        size += len(name) + 4
        if size > MAX_CHANGED_FILES_BYTES:
            break
        kept.append(name)
    return replace(event, changed_files=tuple(kept), message=event.message[:4000])
