"""Inputs, messages and query answers of cluster workflows. Public: fields are only added, with defaults."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field

from domain.clusters.facts import ClusterFacts
from domain.clusters.health import ClusterHealth
from domain.clusters.lifecycle import Blocker, Operation, Status
from domain.clusters.plan import Phase
from domain.clusters.remediation import RepairPolicy
from domain.clusters.spec import ClusterSpec
from workflows.clusters.entry_messages import Entry
from workflows.clusters.remediation_messages import HealState


@dataclass
class ClusterState:
    """The whole state of `cluster/NAME`; carried over by continue-as-new."""

    spec: ClusterSpec
    status: Status = Status.REQUESTED
    _: KW_ONLY
    operation: Operation = Operation.CREATE
    phase: Phase = Phase.PREFLIGHT
    begun: list[Phase] = field(default_factory=list)
    """Phases that may have created something."""
    blocker: Blocker | None = None
    health: ClusterHealth = ClusterHealth()
    facts: ClusterFacts | None = None
    """The last ones; None: none were read yet."""
    reference: str = ""
    """The kubeconfig context."""
    since: float = 0
    log: list[Entry] = field(default_factory=list)
    owner: str = ""
    """The run that owns it and deletes it at its end; empty: it stays."""
    wanted: Operation | None = None
    wanted_spec: ClusterSpec | None = None
    guarded: bool = False
    """`heal/NAME` runs."""
    healing: HealState | None = None
    """What `heal/NAME` is started again with, after this execution has continued as new."""
    inventory: bool = False
    """Its inventory is kept: its life is told, and `inventory/NAME` runs once it can be reached. Histories from before
    inventories have no such field, and go on as they were until a worker asks them to (`observe`).
    """
    watched: bool = False
    """`inventory/NAME` was started."""


@dataclass(frozen=True)
class ClusterChange:
    """A requested operation; without a spec, the definition stays as it is."""

    operation: Operation
    spec: ClusterSpec | None = None
    reason: str = ""


@dataclass(frozen=True)
class Guard:
    """Turns automatic repair on or off. `policy` None: off."""

    policy: RepairPolicy | None = RepairPolicy()
