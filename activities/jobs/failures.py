"""How a job fails for a reason of the machine, not of the user."""

from __future__ import annotations

from activities.jobs.capacity import NO_ROOM
from activities.storage import port as store
from domain.core.errors import SluicewayError
from domain.jobs.result import Failure


def failure_of(broken: SluicewayError) -> Failure:
    if broken.code == NO_ROOM:
        return Failure.TIMEOUT
    return Failure.INFRASTRUCTURE if broken.code in PASSING else Failure.CHECK


PASSING = frozenset({"SLW812", "SLW813", "SLW842", "SLW847", "SLW838", "SLW943", "SLW951", "SLW953"}) | store.PASSING
"""Codes of what may be better in a moment: git, Docker, a registry, a supervisor that did not start."""
