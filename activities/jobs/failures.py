"""Results of jobs that failed for reasons of the machine."""

from __future__ import annotations

from activities.jobs.capacity import NO_ROOM
from domain.core.errors import SluicewayError
from domain.jobs.result import Failure


def failure_of(broken: SluicewayError) -> Failure:
    """TIMEOUT without capacity in time, INFRASTRUCTURE for transient errors, CHECK for permanent ones."""
    if broken.code == NO_ROOM:
        return Failure.TIMEOUT
    return Failure.INFRASTRUCTURE if broken.transient else Failure.CHECK
