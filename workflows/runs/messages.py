"""What workflows are started with, told and asked. Public: fields are only added, with defaults."""

from __future__ import annotations

from dataclasses import dataclass, field

from activities.jobs.activities import SourceRef
from activities.releases.activities import Deployment
from activities.triggers.delivery import PlanRef
from domain.approvals.decisions import Binding, Decision, People, Recorded, Request
from domain.pipelines.job import ApprovalSpec
from domain.queues.queue import Queue, Terms
from domain.releases.actions import Event
from domain.triggers.events import Event as Trigger
from domain.triggers.events import EventKind


@dataclass(frozen=True)
class DeliveryAnswer:
    """Number 0: the delivery started nothing, for the reason given."""

    number: int
    run: str = ""
    reason: str = ""
    repeated: bool = False


@dataclass
class PipelineState:
    """All that `pipeline/NAME` knows; carried over by continue-as-new."""

    name: str = ""
    last: int = 0
    numbers: dict[str, int] = field(default_factory=dict)
    attempts: dict[str, int] = field(default_factory=dict)
    """Run's number to its last attempt, for runs that were run again lately."""


@dataclass(frozen=True)
class RunInput:
    pipeline: str
    number: int
    event: Trigger = Trigger(EventKind.MANUAL)
    source: SourceRef = SourceRef()
    plan: PlanRef = PlanRef()
    problems: tuple[str, ...] = ()
    ended: str = ""
    """A letter per job in the plan's order (domain.jobs.result.letters), from before a continue-as-new."""
    spread: dict[str, str] = field(default_factory=dict)
    """For-each job that has become its items, to a letter per item."""
    continued: int = 0
    path: str = ""
    """Of the definition, in the repository."""
    attempt: int = 1
    earlier: str = ""
    """The attempt before, whose results `ended` and `spread` keep."""
    kept: str = ""
    """Digest of the names of the jobs that keep them."""


@dataclass(frozen=True)
class RerunAnswer:
    run: str
    earlier: str
    again: dict[str, str] = field(default_factory=dict)
    """Job, cell or item to why it runs again; of very many only the first."""
    count: int = 0
    jobs: int = 0
    """Of the plan."""


@dataclass(frozen=True)
class JobView:
    id: str
    kind: str
    stage: str
    status: str
    reason: str = ""
    began_at: float = 0
    seconds: float = 0
    attempt: int = 1


@dataclass(frozen=True)
class RunView:
    """The answer of the query `view`."""

    id: str
    status: str
    jobs: tuple[JobView, ...] = ()
    waiting_for: tuple[str, ...] = ()
    stopped_by: str = ""
    reason: str = ""
    total: int = 0


@dataclass(frozen=True)
class RunResult:
    status: str
    stopped_by: str = ""
    reason: str = ""
    report: str = ""


@dataclass(frozen=True)
class ApprovalInput:
    run: str
    pipeline: str
    job: str
    spec: ApprovalSpec
    environment: str = ""
    commit: str = ""
    digests: tuple[str, ...] = ()
    verdicts: tuple[str, ...] = ()
    people: People = People()
    opened: Request | None = None
    """What was asked, after a continue-as-new, and what was said so far."""
    records: tuple[Recorded, ...] = ()


@dataclass(frozen=True)
class ApprovalResult:
    outcome: str
    reason: str
    approvers: tuple[str, ...] = ()
    records: tuple[Recorded, ...] = ()


@dataclass(frozen=True)
class ApprovalView:
    """The answer of the query `request`: what to sign, and what has been said so far."""

    binding: Binding
    expires_at: float
    waiting_for: str
    outcome: str
    records: tuple[Recorded, ...] = ()
    message: str = ""


@dataclass(frozen=True)
class DecideInput:
    decision: Decision


@dataclass(frozen=True)
class DecideAnswer:
    counted: bool
    rule: str
    outcome: str


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
    """Service to the version before, while its rollback window is open."""


@dataclass
class QueueState:
    """All that `queue/GROUP` knows; carried over by continue-as-new."""

    group: str = ""
    queue: Queue = field(default_factory=Queue)


@dataclass(frozen=True)
class AskPlace:
    who: str
    """A run, or a run and its job with a space between."""
    terms: Terms = Terms()


@dataclass(frozen=True)
class GivePlace:
    who: str


@dataclass(frozen=True)
class Placed:
    """What a queue tells those who asked: granted, cancelled or rejected; empty: still waiting."""

    who: str
    told: str = ""
    reason: str = ""
    """Why, or the place in the queue."""
    queue: str = ""
    """Workflow id of the queue that says so."""


@dataclass(frozen=True)
class AskLock:
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
    release: str
    service: str
    live: Deployment | None = None
    """What is live now, when the release changed it."""
    went_back: bool = False
    warm: Warm | None = None


@dataclass(frozen=True)
class Granted:
    previous: Deployment | None = None


@dataclass(frozen=True)
class ReleaseInput:
    run: str
    number: int
    deployment: Deployment
    target: str = "local"
    fast: bool = False
    """Back to a version that was live before: nothing is judged."""
    pipeline: str = ""
    commit: str = ""
    people: People = People()
    """Of the change, for the four eyes of approvals between steps."""


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
