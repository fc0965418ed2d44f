"""What a definition says about how a version is released, beside what it is made of."""

from __future__ import annotations

from dataclasses import dataclass, field

from domain.approvals.spec import ApprovalSpec
from domain.releases.judge.policy import Policy


@dataclass(frozen=True, kw_only=True)
class ApprovalStep(ApprovalSpec):
    """People who must agree before the weight reaches `before_percent` (100: promotion, or the switch).

    A subclass and not a field `approval`: releases in progress and recorded histories hold the fields of the approval
    beside `before_percent`, so one JSON stays readable without a converter.
    """

    before_percent: float

    @property
    def name(self) -> str:
        """`promotion` before full traffic, else such as `before-25`; part of the approval's workflow id."""
        return "promotion" if self.before_percent >= 100 else f"before-{self.before_percent:g}"


@dataclass(frozen=True)
class Check:
    """A request to the preview address, and what its answer must be."""

    path: str = "/"
    status: int = 200
    contains: str = ""


@dataclass(frozen=True)
class DastSpec:
    """The version is attacked at its preview address before it gets traffic."""

    fail_on: str = "medium"
    """The lowest severity that takes the release back; wapiti calls cross-site scripting medium."""
    modules: tuple[str, ...] = ()
    """Names of attacks; empty: those that need nothing beside the service."""
    timeout_s: float = 600.0
    skipped: str = "block"
    """Whether a scanner that is not installed blocks: `block` or `allow`."""


@dataclass(frozen=True)
class Routing:
    """How requests are told apart, beside weights."""

    header: str = ""
    """`Name: value` that sends a request to the new version."""
    cookie: str = ""
    """`name=value`, the same."""
    mirror_percent: float = 0.0
    """Of the traffic, copied to the new version before it gets any; its answers are thrown away."""
    sticky: bool = False
    """A client stays on the version that answered it first."""


@dataclass(frozen=True)
class RolloutSpec:
    """How a release goes from the previous version to the new one: judgment, checks, approvals, times."""

    policy: Policy = Policy()
    judged: bool = True
    batch: int = 1
    """Rolling: processes that are replaced at once."""
    max_unavailable: int = 0
    """Rolling: how many processes may be missing meanwhile."""
    split_percent: float = 10.0
    """Blue-green: the judged part before the switch; 0: none."""
    keep_s: float = 600.0
    """How long the previous version stays warm."""
    verify_s: float = 1.0
    """How long the counters are watched after the switch."""
    deadline_s: float = 0.0
    """From the start to full traffic, without time spent paused or waiting for people; 0: none."""
    checks: tuple[Check, ...] = ()
    dast: DastSpec | None = None
    approvals: tuple[ApprovalStep, ...] = ()
    routing: Routing = field(default_factory=Routing)
