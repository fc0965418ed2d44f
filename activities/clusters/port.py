"""The port of cluster providers, and what the activities of clusters are asked and answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from temporalio import activity

from domain.clusters.access import Access
from domain.clusters.health import ClusterHealth
from domain.clusters.lifecycle import Status
from domain.clusters.plan import Change, Item, Phase
from domain.clusters.remediation import Decision, Observation
from domain.clusters.spec import ClusterSpec


@dataclass(frozen=True)
class SurveyInput:
    """Answered when what is seen is not `known` any more, or after `wait_s`."""

    access: Access
    cluster: str
    known: Observation | None = None
    wait_s: float = 0
    load: bool = False
    """Also what asks for nodes, and which stand empty."""


@dataclass(frozen=True)
class RepairInput:
    """One decision of the cluster's healing or scaling that is to be carried out."""

    access: Access
    cluster: str
    decision: Decision


@dataclass(frozen=True)
class ClusterRequest:
    """An existing cluster is to become this. `key`: of the job and attempt; asked again, it is the same request."""

    spec: ClusterSpec
    key: str


@dataclass(frozen=True)
class Settled:
    """How a cluster stands after its last operation."""

    status: Status
    reason: str = ""
    kubeconfig: str = ""
    version: str = ""
    nodes: int = 0


ProgressCallback = Callable[[str], None]


class Provider(Protocol):
    """Makes clusters of one kind. Every call finds what an earlier one left, and repeats nothing.

    Calls block, tell what they do, and raise SluicewayError with the reason where they cannot go on.
    """

    def blocker(self, spec: ClusterSpec) -> str:
        """What keeps the cluster from being made or changed: programs, rights, capacity. Empty: nothing."""
        ...

    def apply(self, phase: Phase, spec: ClusterSpec, told: ProgressCallback) -> None:
        """Brings what belongs to a phase to what the spec says."""
        ...

    def missing(self, phase: Phase, spec: ClusterSpec) -> str:
        """What a phase still waits for; empty: it is done."""
        ...

    def undo(self, phase: Phase, spec: ClusterSpec, told: ProgressCallback) -> None:
        """Removes what belongs to a phase. What was never made, or is gone, is removed too."""
        ...

    def existing(self, spec: ClusterSpec) -> list[Item]:
        """What there is of the cluster now."""
        ...

    def leftovers(self, spec: ClusterSpec) -> list[str]:
        """What outlives the cluster although it should not: processes, links, mounts, files."""
        ...

    def health(self, spec: ClusterSpec) -> ClusterHealth:
        """What its API shows; one that does not answer is an answer: `trouble` says why."""
        ...

    def reference(self, spec: ClusterSpec) -> str:
        """Where its kubeconfig is, as a reference."""
        ...

    def revive(self) -> list[str]:
        """Starts again what died of its clusters; in words."""
        ...


@dataclass(frozen=True)
class PhaseInput:
    """One phase to apply or undo. `limit_s`: how long applying may wait for it, in seconds."""

    spec: ClusterSpec
    phase: Phase
    limit_s: float = 600


@dataclass(frozen=True)
class PhaseDone:
    """`blocker` empty: the phase is done."""

    seconds: float
    blocker: str = ""


@dataclass(frozen=True)
class Differences:
    """What separates a cluster from its spec; empty: nothing."""

    changes: tuple[Change, ...]


class RemediationActivities(Protocol):
    """As workflows call them; their implementation is in remediation.py."""

    @activity.defn(name="cluster-survey")
    async def survey(self, input: SurveyInput) -> Observation:
        """An API that does not answer is something seen, not a failure."""
        ...

    @activity.defn(name="cluster-mend")
    async def mend(self, input: RepairInput) -> None:
        """Carries one decision out; a second time changes nothing."""
        ...


class ProvisionActivities(Protocol):
    """As workflows call them; their implementation is in provisioning.py."""

    @activity.defn(name="change-cluster")
    async def change(self, wish: ClusterRequest) -> str:
        """Empty, or why the cluster does not take it."""
        ...

    @activity.defn(name="settle-cluster")
    async def settle(self, name: str) -> Settled:
        """Waits until an operation of the cluster has ended."""
        ...

    @activity.defn(name="see-cluster-off")
    async def gone(self, name: str) -> None:
        """Waits until nothing is left of a cluster that was told to go."""
        ...


class ClusterActivities(Protocol):
    """As workflows call them; their implementation is in activities.py."""

    @activity.defn(name="cluster-phase")
    async def phase(self, input: PhaseInput) -> PhaseDone:
        """Carries a phase out and waits until it is done. What stands in the way is a result, not a failure."""
        ...

    @activity.defn(name="cluster-undo")
    async def undo(self, input: PhaseInput) -> None:
        """Removes what belongs to one phase; a phase that was never applied is not an error."""
        ...

    @activity.defn(name="cluster-leftovers")
    async def leftovers(self, spec: ClusterSpec) -> list[str]:
        """What outlives the cluster, in words; empty: it is gone without a trace."""
        ...

    @activity.defn(name="cluster-differences")
    async def differences(self, spec: ClusterSpec) -> Differences:
        """What an update would change, compared with what exists now."""
        ...

    @activity.defn(name="cluster-reference")
    async def reference(self, spec: ClusterSpec) -> str:
        """Where its kubeconfig is; from now on jobs find it too."""
        ...

    @activity.defn(name="cluster-health")
    async def health(self, spec: ClusterSpec) -> ClusterHealth:
        """How the cluster is now; never fails because it does not answer."""
        ...
