"""All that a release can do. A strategy is a generator of these; ReleaseWorkflow carries them out in turn."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Do(StrEnum):
    START = "start"
    """Start a version and wait until all its processes are ready."""
    ROUTE = "route"
    """Send the service's traffic to a version."""
    STOP = "stop"
    """Drain and stop a version."""


@dataclass(frozen=True)
class Action:
    do: Do
    version: str

    def __str__(self) -> str:
        return f"{self.do} {self.version}"


class ReleaseVerdict(StrEnum):
    LIVE = "live"
    ROLLED_BACK = "rolled-back"
    """The version before is live again."""
    ABORTED = "aborted"
    """Stopped by a person; the version before is live again."""
    FAILED = "failed"
    """Neither version is ready: a person is needed."""


@dataclass(frozen=True)
class ReleaseResult:
    verdict: ReleaseVerdict
    version: str
    previous: str = ""
    live: str = ""
    """What the service answers with now."""
    reason: str = ""
    address: str = ""
    steps: tuple[str, ...] = ()
    """Every action that was carried out, in order."""
    seconds: float = 0
