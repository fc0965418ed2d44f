"""What releases and environments are started with, told and asked."""

from __future__ import annotations

from dataclasses import dataclass, field

from domain.approvals.request import ChangeAuthors
from domain.queues.queue import Queue
from domain.releases.actions import Event, ReleaseResult
from domain.releases.deployment import Deployment


@dataclass(frozen=True)
class ReserveInput:
    """The key makes asking twice the same number."""

    key: str


@dataclass
class EnvironmentState:
    """All that `environment/NAME` knows; carried over by continue-as-new."""

    name: str = ""
    last: int = 0
    numbers: dict[str, int] = field(default_factory=dict)
    holder: str = ""
    queue: list[str] = field(default_factory=list)
    """Of states from before `places`, and for readers."""
    places: Queue = field(default_factory=Queue)
    grants: list[str] = field(default_factory=list)
    """Releases that have the lock and are not told yet."""
    services: dict[str, str] = field(default_factory=dict)
    """Release in the queue to its service."""
    live: dict[str, list[Deployment]] = field(default_factory=dict)
    """Service to its releases that went live, newest last, ten at most."""
    warm: dict[str, Warm] = field(default_factory=dict)
    """Service to the previous version, while its rollback window is open."""


@dataclass(frozen=True)
class AskLock:
    """A release (its workflow id) asks for the environment's lock."""

    release: str
    service: str


@dataclass(frozen=True)
class Warm:
    """A version without traffic that can be live again at once."""

    deployment: Deployment
    until: float
    """Seconds since the epoch."""


@dataclass(frozen=True)
class GiveLock:
    """A release gives the lock back, and says what is live and what stays warm."""

    release: str
    service: str
    live: Deployment | None = None
    """What is live now, when the release changed it."""
    went_back: bool = False
    warm: Warm | None = None


@dataclass(frozen=True)
class Granted:
    """The lock is the release's; `previous` is what is live now (None: nothing)."""

    previous: Deployment | None = None


@dataclass(frozen=True)
class ReleaseInput:
    """What a release is started with."""

    run: str
    number: int
    deployment: Deployment
    target: str = "local"
    fast: bool = False
    """Back to a version that was live before: nothing is judged."""
    pipeline: str = ""
    commit: str = ""
    people: ChangeAuthors = ChangeAuthors()
    """Of the change, for the four eyes of approvals between steps."""


@dataclass(frozen=True)
class ReleaseEnded:
    """What a release that was cancelled tells its run, since a cancelled workflow gives no result."""

    release: str
    result: ReleaseResult


@dataclass(frozen=True)
class EvidenceView:
    """One metric of a release under way."""

    metric: str
    evidence: float
    threshold: float
    canary: tuple[int, int] = (0, 0)
    """Events and requests."""
    stable: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class ReleaseView:
    """The answer of the query `view`."""

    id: str
    service: str
    environment: str
    version: str
    strategy: str
    doing: str
    waiting_for: str = ""
    previous: str = ""
    percent: float = 0.0
    paused: bool = False
    verdict: str = ""
    """Empty while it is under way."""
    reason: str = ""
    evidence: tuple[EvidenceView, ...] = ()
    tick: int = -1
    story: tuple[Event, ...] = ()
    approvals: tuple[str, ...] = ()
    """Names of the approvals that it waits for."""
