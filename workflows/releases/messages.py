"""Inputs, messages and query answers of releases and environments."""

from __future__ import annotations

from dataclasses import dataclass, field

from domain.approvals.request import ChangeAuthors
from domain.queues.queue import Queue
from domain.releases.actions import Event, ReleaseResult
from domain.releases.deployment import Deployment
from domain.releases.together.back import Brought
from domain.releases.together.lockstep import Gate
from domain.releases.waves.plan import WavePlan


@dataclass(frozen=True)
class ReserveInput:
    """The key makes the reservation idempotent."""

    key: str
    taken: int = 0
    """The environment's last recorded number."""


@dataclass(kw_only=True)
class EnvironmentState:
    """The whole state of `environment/NAME`; carried over by continue-as-new."""

    name: str = ""
    last: int = 0
    numbers: dict[str, int] = field(default_factory=dict)
    holder: str = ""
    queue: list[str] = field(default_factory=list)
    """For states from before `places`, and for readers."""
    places: Queue = field(default_factory=Queue)
    grants: list[str] = field(default_factory=list)
    """Releases that hold the lock but are not notified yet."""
    services: dict[str, str] = field(default_factory=dict)
    """Waiting release to its service."""
    together: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Waiting release of several services to these."""
    live: dict[str, list[Deployment]] = field(default_factory=dict)
    """Service to its live releases, newest last, ten at most."""
    warm: dict[str, Warm] = field(default_factory=dict)
    """Service to the version on standby, while its rollback window is open."""
    barriers: dict[str, int] = field(default_factory=dict)
    """Service to the schema of its data below which no version works any more."""
    unended: dict[str, list[Unended]] = field(default_factory=dict)
    """Service to versions that could not be ended: the next release of the service tries again."""
    wholes: dict[str, Whole] = field(default_factory=dict)
    """Service to where its live version is; of services that were released over many clusters."""
    brought: dict[str, Brought] = field(default_factory=dict)
    """Name of services that were released as one to what that has made live."""
    imported: list[str] = field(default_factory=list)
    """Services that were imported once: `r0` is taken."""


@dataclass(frozen=True)
class AskLock:
    """A release (its workflow id) requests the environment's lock."""

    release: str
    service: str
    services: tuple[str, ...] = ()
    """Those that are released as one, under that name; empty: just the one."""


@dataclass(frozen=True)
class Warm:
    """A version on standby: without traffic, ready to be live at once."""

    deployment: Deployment
    until: float
    """Seconds since the epoch."""


@dataclass(frozen=True)
class Unended:
    """A version that nobody comes back to any more, and that still runs."""

    deployment: Deployment
    live: Deployment | None = None
    """The version that replaced it, whose job runs first; None: it is just stopped."""
    why: str = ""
    """Why it could not be ended; empty: it is still to be tried."""

    def words(self) -> str:
        """One sentence for people."""
        one = self.deployment
        said = f"{one.service} {one.spec.version} ({one.instance}) still runs in {one.place}: {self.why}"
        return f"{said}; the next release of {one.service} tries again to end it"


@dataclass(frozen=True)
class GiveLock:
    """A release returns the lock, with what is live and what stays on standby."""

    release: str
    service: str
    live: Deployment | None = None
    """The live version, when the release changed it."""
    went_back: bool = False
    warm: Warm | None = None
    barrier: int = 0
    """A contract has run: the schema below which no version works any more."""
    whole: Whole | None = None
    """Of a release over many clusters."""
    unended: Unended | None = None
    """The version before, which could not be ended."""
    brought: Brought | None = None
    """Of a release of several services."""
    keeps: bool = False
    """One of several services that are released as one: the release keeps the lock for the others."""


@dataclass(frozen=True, kw_only=True)
class Whole:
    """Where the live version of a service is, in an environment with several clusters."""

    plan: WavePlan
    parts: dict[str, str] = field(default_factory=dict)
    """Cluster to its live instance."""
    target: str = ""


@dataclass(frozen=True)
class Granted:
    """The lock is granted; `previous` is the live version (None: none)."""

    previous: Deployment | None = None
    barrier: int = 0
    """The schema of the data below which no version works any more."""
    each: dict[str, Granted] = field(default_factory=dict)
    """Service to the same about it, of several that are released as one."""


@dataclass(frozen=True, kw_only=True)
class ReleaseInput:
    """Input of a release."""

    run: str
    number: int
    deployment: Deployment
    target: str = "local"
    fast: bool = False
    """A switch to an earlier version, which is not judged."""
    pipeline: str = ""
    commit: str = ""
    people: ChangeAuthors = ChangeAuthors()
    """Authors of the change, for the four-eyes rule of approvals between steps."""
    job: str = ""
    """The run's job that releases."""
    attempt: int = 1
    origin: str = ""
    """The instance that ran this version before; for a rollback by hand."""
    whole: str = ""
    """Id of the release over many clusters that this is a part of."""
    clusters: int = 1
    """How many the whole goes to, which share what the judge may be wrong by."""
    passed: str = ""
    """Who let the whole pass its windows; empty: nobody."""
    granted: Granted | None = None
    """Of one of several services that are released as one: the whole has the lock, and is asked before each step of
    weight, at the end, and before going back.
    """
    beside: tuple[Deployment, ...] = ()
    """Of the whole of several services: what its approvals cover in the place of its own deployment."""


@dataclass(frozen=True, kw_only=True)
class WavesInput:
    """Input of a release over many clusters."""

    release: ReleaseInput
    """Of the whole: its deployment names no cluster."""
    plan: WavePlan
    target: str = ""
    """The environment's place in Kubernetes, as its rule carries it."""
    back: dict[str, str] = field(default_factory=dict)
    """For a rollback by hand: cluster to the instance that it is to leave."""


@dataclass(frozen=True, kw_only=True)
class TogetherInput:
    """Input of a release of several services as one."""

    release: ReleaseInput
    """Of the whole: its deployment has the name of all of them."""
    parts: tuple[ReleaseInput, ...]
    needs: dict[str, tuple[str, ...]]
    """Service to those that it calls; on a way back by hand: to those that call it, which go before it."""
    stays: dict[str, str] = field(default_factory=dict)
    """Of a way back by hand: service that is no part of it to why."""


@dataclass(frozen=True)
class Weighed:
    """A part of a release tells the whole of its share of the traffic."""

    cluster: str
    """The part: a cluster, or a service."""
    percent: float


@dataclass(frozen=True)
class ApprovalWanted:
    """A part of a release over many clusters is at a step that needs an approval of the whole."""

    cluster: str
    name: str
    """`ApprovalStep.name`."""


@dataclass(frozen=True)
class ApprovalGiven:
    """What people said about a step of the whole, for each of its parts."""

    name: str
    outcome: str
    reason: str = ""


@dataclass(frozen=True)
class Asked:
    """One of several services stops before a step, and asks the whole."""

    service: str
    gate: Gate
    percent: float = 0.0
    why: str = ""
    """BACK: why it must."""


@dataclass(frozen=True)
class ReleaseEnded:
    """What a cancelled release tells its run: a cancelled workflow has no result."""

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


@dataclass(frozen=True, kw_only=True)
class ClusterView:
    """A part of a release: a cluster of many, or one of several services."""

    cluster: str
    """Or the service."""
    wave: int
    """From 1; of services: in the order of their calls."""
    standing: str
    release: str = ""
    """Id of its part; empty: it has not begun."""
    percent: float = 0.0
    reason: str = ""
    since: float = 0.0
    """Seconds since the epoch; 0: its turn has not come."""
    proven: bool = False


@dataclass(frozen=True, kw_only=True)
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
    """Names of open approvals."""
    clusters: tuple[ClusterView, ...] = ()
    """Of a release with parts, in the order of their turn."""
    services: bool = False
    """Whether its parts are services, rather than clusters."""
