"""What cluster workflows are started with, told and asked. Public: fields are only added, with defaults."""

from __future__ import annotations

from dataclasses import dataclass, field

from domain.clusters.health import ClusterHealth
from domain.clusters.lifecycle import Blocker, Operation, Status
from domain.clusters.plan import Phase
from domain.clusters.remediation import RepairPolicy
from domain.clusters.spec import ClusterSpec


@dataclass(frozen=True)
class Entry:
    """Something that happened to a cluster. Times in seconds since the epoch."""

    at: float
    words: str


@dataclass
class ClusterState:
    """All that `cluster/NAME` knows; carried over by continue-as-new."""

    spec: ClusterSpec
    status: Status = Status.REQUESTED
    operation: Operation = Operation.CREATE
    phase: Phase = Phase.PREFLIGHT
    begun: list[Phase] = field(default_factory=list)
    """Phases that may have left something."""
    blocker: Blocker | None = None
    health: ClusterHealth = ClusterHealth()
    reference: str = ""
    """Of its kubeconfig."""
    since: float = 0
    log: list[Entry] = field(default_factory=list)
    owner: str = ""
    """The run that it was made for, and goes with; empty: it stays."""
    wanted: Operation | None = None
    wanted_spec: ClusterSpec | None = None
    guarded: bool = False
    """`heal/NAME` looks after it."""


@dataclass(frozen=True)
class ClusterChange:
    """What a cluster is told to do; without a spec, it stays as it is defined."""

    operation: Operation
    spec: ClusterSpec | None = None
    reason: str = ""


@dataclass(frozen=True)
class Guard:
    """Whether somebody looks after the cluster, and how. `policy` none: nobody."""

    policy: RepairPolicy | None = RepairPolicy()
