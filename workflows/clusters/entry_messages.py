"""What the logs of a cluster and of its automatic repair are made of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """A log entry. Times in seconds since the epoch."""

    at: float
    words: str
