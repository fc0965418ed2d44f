"""What is kept of a job outside Temporal."""

from __future__ import annotations

from typing import TypedDict


class JobRecord(TypedDict):
    """One attempt of a job, cell or item. Times are seconds since the epoch."""

    run: str
    job: str
    attempt: int
    kind: str
    stage: str
    status: str
    started_at: float
    ended_at: float | None
    """None: it is under way."""
    result: str
    """JSON of its `JobResult`; `{}` as long as it runs."""


class EndedJob(TypedDict):
    """What is removed of a job some days after its end."""

    run: str
    job: str
    attempt: int
    ended_at: float
    has_log: bool
    """Whether its log is in the store."""
