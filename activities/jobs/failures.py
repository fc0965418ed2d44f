"""How a job fails for a reason of the machine, not of the user."""

from __future__ import annotations

from activities.jobs.capacity import NO_ROOM
from domain.core.errors import SluicewayError
from domain.jobs.result import Failure


def failure_of(broken: SluicewayError) -> Failure:
    """TIMEOUT when no worker had room, INFRASTRUCTURE for what may pass, CHECK for what stays wrong."""
    if broken.code == NO_ROOM:
        return Failure.TIMEOUT
    return Failure.INFRASTRUCTURE if broken.transient else Failure.CHECK
