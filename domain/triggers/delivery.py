"""A delivery: one event that reached a pipeline, with what it takes to read the definition."""

from __future__ import annotations

from dataclasses import dataclass

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
