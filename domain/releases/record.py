"""What is kept of a release outside Temporal."""

from __future__ import annotations

from typing import TypedDict


class ReleaseRecord(TypedDict):
    """Times are seconds since the epoch."""

    id: str
    service: str
    environment: str
    number: int
    run: str
    """That started it; of a rollback by hand, what asked for it."""
    started_at: float
    ended_at: float | None
    result: str
    """JSON of its `ReleaseResult`; `{}` as long as it is under way."""
