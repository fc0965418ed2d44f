"""What is kept of a run outside Temporal."""

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
    """`running`, or how it ended."""
    stopped_by: str
    """The job that stopped it."""
    reason: str
    started_at: float
    ended_at: float | None
    plan: str
    """Digest; empty: its definition had errors."""
    event: str
    """JSON of what started it."""
    report: str
    """Digest of its page; empty as long as it runs."""
    source: str
    """JSON of where its files come from."""
    path: str
    """Of its definition, in the repository."""


class RunDigests(TypedDict):
    """What a run refers to in the store."""

    id: str
    plan: str
    report: str
    ended_at: float | None
