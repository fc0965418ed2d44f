"""A delivery: one event for a pipeline, with what is needed to read the definition."""

from __future__ import annotations

from dataclasses import dataclass, replace

from domain.triggers.events import Event
from domain.triggers.source import SourceRef


@dataclass(frozen=True)
class Delivery:
    """An event that may start a run. The id makes repeated deliveries idempotent."""

    id: str
    event: Event
    path: str
    """Path of the definition in the repository."""
    source: SourceRef = SourceRef()
    pipeline: str = ""
    reject_invalid: bool = False
    """Whether a definition with errors is answered to the caller, who waits, without starting a run."""


MAX_CHANGED_FILES_BYTES = 60_000


def truncate_event(event: Event) -> Event:
    """The event as carried by a run. Plans use the whole list of changed files; a run carries a part of a very long
    one, which would say of the rest that it did not change: there every file counts as changed.
    """
    size, kept = 0, []
    for name in event.changed_files:
        size += len(name) + 4
        if size > MAX_CHANGED_FILES_BYTES:
            break
        kept.append(name)
    whole = len(kept) == len(event.changed_files)
    return replace(event, changed_files=tuple(kept), message=event.message[:4000], compared=event.compared and whole)
