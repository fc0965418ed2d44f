"""A run's record in the database."""

from __future__ import annotations

from typing import TypedDict


class RunRecord(TypedDict):
    """One attempt of a run. Times are seconds since the epoch; digests name objects of the store."""

    id: str
    pipeline: str
    number: int
    attempt: int
    commit_id: str
    status: str
    """`running`, or the final status."""
    stopped_by: str
    """The job that failed the run."""
    reason: str
    started_at: float
    ended_at: float | None
    plan: str
    """Digest; empty: the definition had errors."""
    event: str
    """JSON of the event that started it."""
    report: str
    """Digest of the report page; empty while the run is under way."""
    source: str
    """JSON of the source of its files."""
    path: str
    """Path of its definition in the repository."""


class RunDigests(TypedDict):
    """The store objects that a run refers to."""

    id: str
    plan: str
    report: str
    ended_at: float | None
