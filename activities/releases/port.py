"""Releases: the ports, and what their activities are asked and answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from temporalio import activity

from activities.releases.metric_sources.port import Comparison
from domain.core.errors import SluicewayError
from domain.releases.actions import ActionKind
from domain.releases.deployment import Deployment
from domain.releases.judge.ramp import Goal, RampDecision
from domain.releases.judge.ticks import Row
from domain.releases.spec import Check
from domain.releases.traffic_baseline import Baseline

LIMIT_S = 600.0
"""An observation returns after this long even if nothing is decided: the workflow shows what it knows."""


@dataclass(frozen=True)
class ReserveRelease:
    """Asks for the next number of a release in an environment."""

    environment: str
    key: str
    """Of the run, job and attempt: asked again, the number is the same."""


@dataclass(frozen=True)
class ObserveInput:
    """One stage of a release that is to be watched."""

    release: str
    watched: Comparison
    goal: Goal = Goal()
    known: int = -1
    """The last tick that the workflow has counted."""
    fault_known: bool = False
    rescaled: bool = False
    """Processes were added for this stage: its first ticks say nothing about latency."""


@dataclass(frozen=True)
class Observed:
    """What the judge decides, and the ticks that led to it."""

    call: RampDecision
    reason: str = ""
    last: int = -1
    rows: tuple[Row, ...] = ()
    """The ticks after `known`, as numbers."""
    digest: str = ""
    """SHA-256 of the tick file so far."""
    notes: tuple[str, ...] = ()
    """What happened to the counters: a restart, a gap."""


class NotReadyError(SluicewayError):
    """The version did not become ready in its time: a result, not a fault of the target."""


@dataclass(frozen=True)
class Verified:
    """What the counters say after a switch."""

    new_requests: int = 0
    old_requests: int = 0
    seconds: float = 0.0
    drained_s: float = 0.0
    still_open: int = 0
    """Requests to the previous version that had not ended when its drain time was over."""
    counted: bool = True
    """False: without a router nobody sends requests, and nothing can be counted."""


class Target(Protocol):
    """Where services run. Every method may be called twice with the same words and changes nothing the second time.

    A change of the traffic has happened when the method returns: the router has confirmed it.
    """

    async def start(self, deployment: Deployment, instances: int = 0) -> None:
        """Returns when every process is ready. 0: as many as the definition says.

        Raises:
            NotReadyError: one was not ready in time; all are stopped again.
        """
        ...

    async def scale(self, deployment: Deployment, instances: int) -> str:
        """Changes the number of processes; those that go leave the traffic and drain first. Returns what was cut off.

        Raises:
            NotReadyError: one was not ready in time.
        """
        ...

    async def route(self, deployment: Deployment) -> str:
        """The service's address, once all its traffic goes to this deployment."""
        ...

    async def shift(self, deployment: Deployment, other: Deployment, percent: float) -> str:
        """The service's address, once this part of the traffic goes to the deployment and the rest to the other."""
        ...

    async def preview(self, deployment: Deployment) -> str:
        """The deployment's own address, once its header, cookie and mirror routes stand as well."""
        ...

    async def check(self, deployment: Deployment, check: Check) -> str:
        """What is wrong with the answer at the preview address; empty: nothing."""
        ...

    async def verify(self, deployment: Deployment, other: Deployment, seconds: float) -> Verified:
        """Waits until the other has drained, then watches for a time who gets requests, one of its own among them."""
        ...

    async def drift(self, deployment: Deployment) -> list[str]:
        """How what runs differs from what was released, a line each."""
        ...

    async def stop(self, deployment: Deployment) -> str:
        """Takes the deployment out of the traffic, drains it and ends its processes. Returns what was cut off."""
        ...


class History(Protocol):
    """What the router counted before a release."""

    def baseline(self, deployment: Deployment, tick_s: float) -> Baseline:
        """Traffic of a deployment in the last hour, by ticks of `tick_s` seconds."""
        ...


@dataclass(frozen=True)
class ActionInput:
    """One action of a strategy, and the target that carries it out."""

    do: ActionKind
    deployment: Deployment
    target: str = "local"
    other: Deployment | None = None
    """The version beside it, for what concerns both."""
    percent: float = 0.0
    count: int = 0
    tick_s: float = 10.0
    """MEASURE: what one tick of the judge will be."""


@dataclass(frozen=True)
class ActionResult:
    """How one action of a strategy ended."""

    ok: bool
    reason: str = ""
    """Why not; or what is worth saying although it went well."""
    address: str = ""
    baseline: Baseline = Baseline()
    """MEASURE."""
    report: str = ""
    """DAST: digest of its report in the store."""


@dataclass(frozen=True)
class ReleaseRecord:
    """The beginning of a release, or its end when it has a result."""

    id: str
    service: str = ""
    environment: str = ""
    number: int = 0
    run: str = ""
    result: str = ""
    """JSON; empty while the release is under way."""


@dataclass(frozen=True)
class Drift:
    """How one live version differs from what was released, a line each."""

    key: str
    """`ENVIRONMENT/SERVICE/INSTANCE`."""
    lines: tuple[str, ...]
    told: bool = False
    """The same was found the last time."""

    def words(self) -> str:
        """One sentence for a notice."""
        return f"{self.key} differs from what was released: {'; '.join(self.lines)}"


class NumberingActivities(Protocol):
    """As workflows call them; their implementation is in numbering.py."""

    @activity.defn(name="reserve-release")
    async def reserve(self, input: ReserveRelease) -> int:
        """The release's number in its environment, whose entity workflow is started if there is none."""
        ...


class ObserverActivities(Protocol):
    """As workflows call them; their implementation is in observer.py."""

    @activity.defn(name="observe-release")
    async def observe(self, input: ObserveInput) -> Observed:
        """Watches tick by tick, until a decision to go on or to go back, or a fault that the workflow does not know."""
        ...

    @activity.defn(name="keep-ticks")
    async def keep(self, release: str) -> str:
        """The ticks' digest in the store, where they stay with the release's record."""
        ...


class DriftActivities(Protocol):
    """As workflows call them; their implementation is in drift.py."""

    @activity.defn(name="drift")
    async def look(self, environment: str) -> list[Drift]:
        """Of every service that is live in an environment; those without drift are left out."""
        ...


class ReleaseActivities(Protocol):
    """As workflows call them; their implementation is in activities.py."""

    @activity.defn(name="release-action")
    async def act(self, input: ActionInput) -> ActionResult:
        """Carries out one action. That a version is not ready is an answer; that a target fails is retried."""
        ...

    @activity.defn(name="record-release")
    async def record(self, record: ReleaseRecord) -> None:
        """Writes the start of a release to the records, or with a result its end."""
        ...
