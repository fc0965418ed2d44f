"""The port of targets, and the messages and signatures of release activities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from temporalio import activity

from activities.releases.metric_sources.port import Comparison
from domain.core.errors import SluicewayError
from domain.releases.actions import ActionKind
from domain.releases.deployment import Deployment
from domain.releases.judge.ramp import Goal, RampDecision
from domain.releases.judge.ticks import Row
from domain.releases.spec import Check
from domain.releases.traffic_baseline import Baseline
from domain.releases.windows import Calendar

HOOK_S = 600.0
"""How long a hook of a version may take, where its Job has no deadline of its own."""
LIMIT_S = 600.0
"""Maximum duration of an observation; the workflow then shows the current evidence."""


@dataclass(frozen=True)
class ReserveRelease:
    """Asks for the next number of a release in an environment."""

    environment: str
    key: str
    """Of the run, job and attempt: asked again, the number is the same."""
    cluster: str = ""
    least: int = 1
    """Of a part of a release over many clusters: the whole's number, unless this cluster has had a later one."""


@dataclass(frozen=True)
class ObserveInput:
    """One stage of a release to observe."""

    release: str
    watched: Comparison
    goal: Goal = Goal()
    known: int = -1
    """The last tick that the workflow has counted."""
    fault_known: bool = False
    rescaled: bool = False
    """Processes were added for this stage: latency is not judged at first."""
    held_known: bool = True
    """Whether the workflow knows that this stage is held without evidence; False: it wants to be told."""
    shared: bool = False
    """It is a part of a whole, whose ticks others read, on whatever machine."""


@dataclass(frozen=True)
class Observed:
    """The judge's decision, and its ticks."""

    call: RampDecision
    reason: str = ""
    last: int = -1
    rows: tuple[Row, ...] = ()
    """The ticks after `known`, as numbers."""
    digest: str = ""
    """SHA-256 of the tick file."""
    notes: tuple[str, ...] = ()
    """Events of the counters: a restart, a gap."""


class NotReadyError(SluicewayError):
    """The version did not become ready in time: a result, not a failure of the target."""


@dataclass(frozen=True)
class Verified:
    """The counters after a switch."""

    new_requests: int = 0
    old_requests: int = 0
    seconds: float = 0.0
    drained_s: float = 0.0
    still_open: int = 0
    """Requests to the previous version that were open at the end of its drain time."""
    counted: bool = True
    """False: without a router there are no requests to count."""


@dataclass(frozen=True)
class Ready:
    """What a target says before a release: whether it would take it, and how many instances there are."""

    refusals: tuple[str, ...] = ()
    """Empty: it would."""
    instances: int = 0
    """As many as the version asks for."""
    stable: int = 0
    """How many of the previous version answer now."""
    hooks: tuple[str, ...] = ()
    """Hooks that the version has."""
    notes: tuple[str, ...] = ()
    """What people should know, and what keeps nothing from happening."""


@dataclass(frozen=True)
class Retired:
    """How a version has ended for good."""

    said: str = ""
    """The number of dropped requests, in words."""
    contracted: bool = False


class Target(Protocol):
    """Runs services. Every method is idempotent.

    A traffic change is complete when the method returns: the router has confirmed it.
    """

    async def start(self, deployment: Deployment, instances: int = 0) -> None:
        """Returns when every process is ready. 0: as many as the definition says.

        Raises:
            NotReadyError: one was not ready in time; all are stopped again.
        """
        ...

    async def scale(self, deployment: Deployment, instances: int) -> str:
        """Changes the number of processes; surplus ones are drained first. Returns the number of dropped requests.

        Raises:
            NotReadyError: one was not ready in time.
        """
        ...

    async def route(self, deployment: Deployment) -> str:
        """Sends all traffic to this deployment; returns the service's address."""
        ...

    async def shift(self, deployment: Deployment, other: Deployment, percent: float) -> str:
        """Splits the traffic between two deployments; returns the service's address."""
        ...

    async def preview(self, deployment: Deployment) -> str:
        """Sets up preview address, header, cookie and mirror routes; returns the address."""
        ...

    async def check(self, deployment: Deployment, check: Check) -> str:
        """What is wrong with the answer at the preview address; empty: nothing."""
        ...

    async def verify(self, deployment: Deployment, other: Deployment, seconds: float) -> Verified:
        """Waits until the other has drained, then observes which version gets requests, including a test request."""
        ...

    async def drift(self, deployment: Deployment) -> list[str]:
        """Differences between what runs and what was released, one line each."""
        ...

    async def stop(self, deployment: Deployment) -> str:
        """Removes the deployment from the traffic, drains and stops it. Returns the number of dropped requests."""
        ...


@runtime_checkable
class StagedTarget(Protocol):
    """What a target has beside, whose releases are asked about first and have jobs of their own."""

    async def preflight(self, deployment: Deployment, previous: Deployment | None) -> Ready:
        """Asks whether a release would be taken. Touches nothing."""
        ...

    async def hook(self, deployment: Deployment, name: str) -> str:
        """Runs a hook of the version, at most once; returns why it failed, or empty."""
        ...

    async def settle(self, live: Deployment) -> None:
        """Ends what was held of a live version for the time that another one stood beside it."""
        ...

    async def retire(self, deployment: Deployment, live: Deployment) -> Retired:
        """Ends a version that nobody goes back to any more.

        Raises:
            NotReadyError: the job that runs before its end failed; it stays.
        """
        ...


class History(Protocol):
    """The router's counters before a release."""

    async def baseline(self, deployment: Deployment, tick_s: float) -> Baseline:
        """Traffic of a deployment in the last hour, in ticks of `tick_s` seconds."""
        ...


@dataclass(frozen=True, kw_only=True)
class Releaser:
    """Who releases a version: a job of a run, or a person who rolls back by hand."""

    run: str = ""
    """Workflow id of the run, or `by hand`; empty: sent by an earlier version."""
    job: str = ""
    attempt: int = 1
    origin: str = ""
    """The instance that ran the same version before; for a rollback by hand."""
    whole: str = ""
    """Id of the release over many clusters that this is a part of."""


@dataclass(frozen=True, kw_only=True)
class ActionInput:
    """One action of a strategy, and its target."""

    do: ActionKind
    deployment: Deployment
    target: str = "local"
    other: Deployment | None = None
    """The other version, for actions that concern both."""
    percent: float = 0.0
    count: int = 0
    name: str = ""
    """HOOK: which one."""
    tick_s: float = 10.0
    """MEASURE: the judge's tick length."""
    whose: Releaser = Releaser()
    """On behalf of whom; the signer permits nothing else."""


@dataclass(frozen=True)
class ActionResult:
    """The result of one action."""

    ok: bool
    reason: str = ""
    """Why it failed; or a note on its success."""
    address: str = ""
    baseline: Baseline = Baseline()
    """MEASURE."""
    report: str = ""
    """DAST: digest of its report in the store."""
    ready: Ready = Ready()
    """PREFLIGHT."""
    contracted: bool = False
    """RETIRE: the live version's `contract` has run, and nothing goes below its schema any more."""


@dataclass(frozen=True)
class ReleaseRecord:
    """The start of a release; with `result`, its end."""

    id: str
    service: str = ""
    environment: str = ""
    number: int = 0
    run: str = ""
    result: str = ""
    """JSON; empty while the release is under way."""
    version: str = ""
    strategy: str = ""
    cluster: str = ""


class NumberingActivities(Protocol):
    """As workflows call them; their implementation is in numbering.py."""

    @activity.defn(name="reserve-release")
    async def reserve(self, input: ReserveRelease) -> int:
        """The release's number in its environment, whose entity workflow is started if there is none."""
        ...


@dataclass(frozen=True)
class WindowQuestion:
    """Whether a release may go forward now."""

    environment: str
    calendar: Calendar
    """Of its definition."""


@dataclass(frozen=True)
class WindowAnswer:
    """As domain/releases/windows.Standing, with the edition of the IANA database that it is by, such as 2026b."""

    open: bool = True
    until: float = 0.0
    """When that changes, in seconds since the epoch; 0: not soon."""
    why: str = ""
    zones: str = ""


class WindowActivities(Protocol):
    """As workflows call it; implemented in windows.py."""

    @activity.defn(name="release-window")
    async def window(self, question: WindowQuestion) -> WindowAnswer:
        """Whether the calendars of the environment and of the definition are open now, and until when."""
        ...


class ObserverActivities(Protocol):
    """Signatures of the activities; implemented in observer.py."""

    @activity.defn(name="observe-release")
    async def observe(self, input: ObserveInput) -> Observed:
        """Observes tick by tick, until a decision, or an unreported routing fault."""
        ...

    @activity.defn(name="keep-ticks")
    async def keep(self, release: str) -> str:
        """Stores the ticks for the release's record; returns their digest."""
        ...


class ReleaseActivities(Protocol):
    """Signatures of the activities; implemented in activities.py."""

    @activity.defn(name="release-action")
    async def act(self, input: ActionInput) -> ActionResult:
        """Executes one action. A version that is not ready is a result; a failing target is retried."""
        ...

    @activity.defn(name="record-release")
    async def record(self, record: ReleaseRecord) -> None:
        """Writes the start of a release to the records, or with a result its end."""
        ...
