"""A release's record in the database."""

from __future__ import annotations

from typing import TypedDict


class ReleaseRecord(TypedDict):
    """Times are seconds since the epoch."""

    id: str
    service: str
    environment: str
    number: int
    run: str
    """The job that started it; for a manual rollback, its requester."""
    started_at: float
    ended_at: float | None
    result: str
    """JSON of its `ReleaseResult`; `{}` while it is under way."""
