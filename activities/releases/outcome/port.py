"""Messages and signature of the activity that writes a release's outcome."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from temporalio import activity

from domain.releases.deployment import Deployment


@dataclass(frozen=True)
class ServiceOutcome:
    """One of several services."""

    release: str
    number: int
    deployment: Deployment
    """As its own release was permitted to make it."""


@dataclass(frozen=True)
class OutcomeInput:
    """A release that has ended with its version live."""

    release: str
    number: int
    deployment: Deployment
    at: float
    """When it ended, in seconds since the epoch: a retry writes the same commit."""
    services: tuple[ServiceOutcome, ...] = ()
    """Of several that were released as one; `deployment` is the whole then, which has no file of its own."""


@dataclass(frozen=True)
class Written:
    """`words` empty: the environment has no repository."""

    words: str = ""
    commit: str = ""


class OutcomeActivities(Protocol):
    """Signatures of the activities; implemented in activities.py."""

    @activity.defn(name="write-outcome")
    async def write(self, input: OutcomeInput) -> Written:
        """Commits and pushes what is live. A repository that refuses it is a result."""
        ...
