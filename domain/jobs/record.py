"""A job's record in the database."""

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
    """None while the job runs."""
    result: str
    """JSON of its `JobResult`; `{}` while the job runs."""


class EndedJob(TypedDict):
    """What retention removes of a job some days after its end."""

    run: str
    job: str
    attempt: int
    ended_at: float
    has_log: bool
    """Whether the store has its log."""
