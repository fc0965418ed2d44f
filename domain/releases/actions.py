"""All that a release can do. A strategy is a generator of these; ReleaseWorkflow carries them out in turn."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from domain.releases.judge.policy import Policy
from domain.releases.judge.ramp import Goal
from domain.releases.traffic_baseline import Baseline


class ActionKind(StrEnum):
    """What a strategy may ask for; activities of the target and the router carry it out."""

    START = "start"
    """Start a version and wait until all its processes are ready."""
    ROUTE = "route"
    """Send all of the service's traffic to a version."""
    STOP = "stop"
    """Take a version out of the traffic, drain and stop it."""
    MEASURE = "measure"
    """Look at the stable version's last hour: its traffic, its latency, how much its counts vary."""
    PREVIEW = "preview"
    """Give a version an address of its own, and the header, cookie and mirrored traffic that the definition names."""
    CHECK = "check"
    """Ask a version at its preview address what the definition wants to know."""
    DAST = "dast"
    """Attack a version at its preview address; findings roll the release back."""
    SHIFT = "shift"
    """Send a part of the traffic to a version, the rest to the one before."""
    SCALE = "scale"
    """Change the number of a version's processes; those that go are taken out of the traffic and drained first."""
    OBSERVE = "observe"
    """Judge the version until its step is decided."""
    APPROVE = "approve"
    """Wait for people; a version that has traffic is judged on."""
    VERIFY = "verify"
    """Make sure that the version really gets all requests, and that the one before has drained."""
    KEEP = "keep"
    """Leave the previous version running, without traffic, for the rollback window."""


@dataclass(frozen=True)
class Action:
    """One step of a release; which fields count depends on `do`."""

    do: ActionKind
    version: str
    percent: float = 0.0
    """SHIFT: the version's part of the traffic."""
    count: int = 0
    """START and SCALE: processes; 0: as many as the version's definition says."""
    goal: Goal = Goal()
    """OBSERVE."""
    name: str = ""
    """APPROVE: which approval."""
    seconds: float = 0.0
    """KEEP: for how long."""

    def __str__(self) -> str:
        return f"{self.do} {self.version}" + (f" {self.percent:g} %" if self.do is ActionKind.SHIFT else "")


@dataclass(frozen=True)
class Reply:
    """What an action found out that a strategy needs."""

    requests_per_s: float = 0.0


class ReleaseVerdict(StrEnum):
    """How a release ended."""

    LIVE = "live"
    ROLLED_BACK = "rolled-back"
    """The previous version is live again."""
    ABORTED = "aborted"
    """Stopped by a person; the previous version is live again."""
    FAILED = "failed"
    """Neither version is ready: a person is needed."""


@dataclass(frozen=True)
class Event:
    """One decision of a release, for people: when, what, and why with its numbers."""

    at: float
    what: str
    why: str = ""


@dataclass(frozen=True)
class ReleaseResult:
    """How a release ended and what it did; made by its workflow, kept in its record."""

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
    strategy: str = ""
    story: tuple[Event, ...] = ()
    proven: bool = False
    """Every step up to full traffic was shown to be safe by evidence."""
    policy: Policy | None = None
    """What it was judged by; None: nothing was judged."""
    baseline: Baseline | None = None
    ticks: str = ""
    """Digest of the recorded ticks in the store."""
    attacked: str = ""
    """Digest of the report of the attack before the switch."""
