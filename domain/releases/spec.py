"""How a version is released: approvals, checks, routing, rollout."""

from __future__ import annotations

from dataclasses import dataclass, field

from domain.approvals.spec import ApprovalSpec
from domain.releases.judge.policy import Policy
from domain.releases.windows import Calendar


@dataclass(frozen=True, kw_only=True)
class ApprovalStep(ApprovalSpec):
    """An approval required before the weight reaches `before_percent` (100: promotion, or the switch).

    A subclass and not a field `approval`: releases in progress and recorded histories hold the fields of the approval
    beside `before_percent`, so one JSON stays readable without a converter.
    """

    before_percent: float
    in_each_cluster: bool = False
    """Of a release over many clusters: people are asked in each, instead of once for all."""

    @property
    def name(self) -> str:
        """`promotion` before full traffic, else such as `before-25`; part of the approval's workflow id."""
        return "promotion" if self.before_percent >= 100 else f"before-{self.before_percent:g}"


@dataclass(frozen=True)
class Check:
    """A request to the preview address, and the expected answer."""

    path: str = "/"
    status: int = 200
    contains: str = ""


@dataclass(frozen=True)
class DastSpec:
    """Scans the version at its preview address before it gets traffic."""

    fail_on: str = "medium"
    """The lowest severity that rolls back; wapiti rates cross-site scripting as medium."""
    modules: tuple[str, ...] = ()
    """Names of attacks; empty: those that only need the service."""
    timeout_s: float = 600.0
    skipped: str = "block"
    """What a missing scanner does: `block` or `allow`."""


@dataclass(frozen=True)
class Routing:
    """Routing rules besides weights."""

    header: str = ""
    """`Name: value` that sends a request to the new version."""
    cookie: str = ""
    """`name=value` of a cookie that sends a request to the new version."""
    mirror_percent: float = 0.0
    """Percentage of traffic mirrored to the new version before its first real traffic; the answers are discarded."""
    sticky: bool = False
    """Sticky sessions: a client stays on the version that answered it first."""
    unconfirmed: bool = False
    """Whether steps may go on without a sign of the data plane that a weight is in force."""


@dataclass(frozen=True, kw_only=True)
class RolloutSpec:
    """How a release replaces the previous version: judgment, checks, approvals, times."""

    policy: Policy = Policy()
    judged: bool = True
    batch: int = 1
    """Rolling: number of processes replaced at once."""
    max_unavailable: int = 0
    """Rolling: number of processes that may be unavailable meanwhile."""
    split_percent: float = 10.0
    """Blue-green: judged share of traffic before the switch; 0: none."""
    keep_s: float = 600.0
    """How long the previous version stays on standby."""
    verify_s: float = 1.0
    """How long counters are watched after the switch."""
    deadline_s: float = 0.0
    """Time limit to full traffic, without pauses and waiting for approvals; 0: none."""
    checks: tuple[Check, ...] = ()
    dast: DastSpec | None = None
    approvals: tuple[ApprovalStep, ...] = ()
    routing: Routing = field(default_factory=Routing)
    calendar: Calendar = Calendar()
    """When the release may go forward; a registered environment may have one too."""
    close_back: bool = False
    """Whether it goes back when it is between two steps and no window is open; else it waits, and is judged on."""
