"""All actions of a release. A strategy is a generator of these; ReleaseWorkflow executes them in turn."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from domain.releases.judge.policy import Policy
from domain.releases.judge.ramp import Goal
from domain.releases.judge.told import Pooled
from domain.releases.traffic_baseline import Baseline
from domain.releases.waves.progress import ClusterState


class ActionKind(StrEnum):
    """What a strategy may request; activities of the target and the router carry it out."""

    START = "start"
    """Start a version and wait until all its processes are ready."""
    ROUTE = "route"
    """Send all of the service's traffic to a version."""
    STOP = "stop"
    """Remove a version from the traffic, drain and stop it."""
    MEASURE = "measure"
    """Measure the stable version's last hour: traffic, latency, dispersion of its counts."""
    PREVIEW = "preview"
    """Give a version a preview address, and the header, cookie and mirrored traffic of the definition."""
    CHECK = "check"
    """Run the definition's checks against a version's preview address."""
    DAST = "dast"
    """Scan a version's preview address with DAST; findings roll the release back."""
    SHIFT = "shift"
    """Send a share of the traffic to a version, the rest to the previous one."""
    SCALE = "scale"
    """Change a version's number of processes; surplus ones are removed from the traffic and drained first."""
    OBSERVE = "observe"
    """Judge the version until its step is decided."""
    APPROVE = "approve"
    """Wait for approval; a version with traffic is still judged."""
    VERIFY = "verify"
    """Verify that the version gets all requests, and that the previous one has drained."""
    KEEP = "keep"
    """Keep the previous version on standby, without traffic, for the rollback window."""
    PREFLIGHT = "preflight"
    """Ask the target whether it would take all of it: rights, admission, quota, features. Nothing is touched."""
    HOOK = "hook"
    """Run a job of the version to its end: expand, before, after, contract."""
    RETIRE = "retire"
    """End the previous version for good: the job that only it stood against runs first."""
    ADOPT = "adopt"
    """Take over what runs already: a Service of its own leads to its pods. Nothing of it is touched."""
    HEAL = "heal"
    """Put objects of a live version back as they were released, or its route as it was set. No strategy asks for it."""
    GIVE_BACK = "give-back"
    """Leave what was imported as it was before: its route again, and nothing else of ours."""


@dataclass(frozen=True, kw_only=True)
class Action:
    """One step of a release; which fields count depends on `do`."""

    do: ActionKind
    version: str
    percent: float = 0.0
    """SHIFT: the version's share of the traffic."""
    count: int = 0
    """START and SCALE: number of processes; 0: as the version's definition says."""
    goal: Goal = Goal()
    """OBSERVE."""
    name: str = ""
    """APPROVE: the name of the approval. HOOK: the name of the hook."""
    seconds: float = 0.0
    """KEEP: for how many seconds."""
    measures: str = ""
    """START: the version that may be measured meanwhile; its MEASURE follows."""

    def __str__(self) -> str:
        return f"{self.do} {self.version}" + (f" {self.percent:g} %" if self.do is ActionKind.SHIFT else "")


@dataclass(frozen=True)
class Reply:
    """The result of an action that a strategy needs."""

    requests_per_s: float = 0.0
    instances: int = 0
    """PREFLIGHT: how many the version asks for; 0: not asked."""
    stable: int = 0
    """PREFLIGHT: how many of the previous version answer now."""
    hooks: tuple[str, ...] = ()
    """PREFLIGHT: the hooks that the version has."""


class ReleaseVerdict(StrEnum):
    """How a release ended."""

    LIVE = "live"
    ROLLED_BACK = "rolled-back"
    """The previous version is live again."""
    ABORTED = "aborted"
    """Stopped by a person; the previous version is live again."""
    FAILED = "failed"
    """Neither version is ready: an operator must act."""


@dataclass(frozen=True)
class Event:
    """One event of a release, for people: when, what, and why with its numbers."""

    at: float
    what: str
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class ReleaseResult:
    """How a release ended and what it did; made by its workflow, kept in its record."""

    verdict: ReleaseVerdict
    version: str
    previous: str = ""
    live: str = ""
    """The version that is live now."""
    reason: str = ""
    address: str = ""
    steps: tuple[str, ...] = ()
    """All executed actions, in order."""
    seconds: float = 0
    strategy: str = ""
    story: tuple[Event, ...] = ()
    proven: bool = False
    """Whether evidence showed every step up to full traffic to be safe."""
    policy: Policy | None = None
    """The policy that judged it; None: nothing was judged."""
    baseline: Baseline | None = None
    ticks: str = ""
    """Digest of the recorded ticks in the store."""
    attacked: str = ""
    """Digest of the DAST report from before the switch."""
    clusters: dict[str, ClusterState] = field(default_factory=dict)
    """How each part ended: of a release over many clusters, or of several services."""
    services: bool = False
    """Whether its parts are services."""
    pooled: Pooled | None = None
    """What all parts showed together; None: they were not judged together, or nothing was seen yet."""
