"""The port of cluster providers, and the messages and signatures of cluster activities."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from temporalio import activity

from domain.clusters.access import Access
from domain.clusters.facts import ClusterFacts
from domain.clusters.health import ClusterHealth
from domain.clusters.lifecycle import Status
from domain.clusters.plan import Change, Item, Phase
from domain.clusters.remediation import Decision, Observation
from domain.clusters.requests import ClusterRequest as AskedChange
from domain.clusters.requests import RequestStatus
from domain.clusters.spec import ClusterSpec


@dataclass(frozen=True)
class SurveyInput:
    """Returns when the observation differs from `known`, or after `wait_s`."""

    access: Access
    cluster: str
    known: Observation | None = None
    wait_s: float = 0
    load: bool = False
    """Also observes unschedulable pods and idle nodes."""


@dataclass(frozen=True)
class RepairInput:
    """One decision of automatic repair or scaling to carry out."""

    access: Access
    cluster: str
    decision: Decision


@dataclass(frozen=True)
class ClusterRequest:
    """Updates an existing cluster. `key`: of the job and attempt; makes it idempotent."""

    spec: ClusterSpec
    key: str


@dataclass(frozen=True)
class Settled:
    """The state of a cluster after its last operation."""

    status: Status
    reason: str = ""
    kubeconfig: str = ""
    version: str = ""
    nodes: int = 0


ProgressCallback = Callable[[str], None]


class Provider(Protocol):
    """Creates clusters of one kind. Every call is idempotent and continues an earlier one.

    Calls block, report progress, and raise SluicewayError with the reason when they cannot continue.
    """

    def blocker(self, spec: ClusterSpec) -> str:
        """What prevents creation or updates: missing programs, rights, capacity. Empty: nothing."""
        ...

    def apply(self, phase: Phase, spec: ClusterSpec, told: ProgressCallback) -> None:
        """Applies a phase of the spec."""
        ...

    def missing(self, phase: Phase, spec: ClusterSpec) -> str:
        """What a phase still waits for; empty: it is complete."""
        ...

    def undo(self, phase: Phase, spec: ClusterSpec, told: ProgressCallback) -> None:
        """Deletes the objects of a phase; missing ones are fine."""
        ...

    def existing(self, spec: ClusterSpec) -> list[Item]:
        """The items that exist now."""
        ...

    def leftovers(self, spec: ClusterSpec) -> list[str]:
        """Resources that outlive the cluster although they should not: processes, links, mounts, files."""
        ...

    def health(self, spec: ClusterSpec) -> ClusterHealth:
        """Health from its API. Never raises for an unreachable API: `trouble` says why."""
        ...

    def facts(self, spec: ClusterSpec) -> ClusterFacts | None:
        """What decides what releases can do in it; None: it cannot be told now."""
        ...

    def reference(self, spec: ClusterSpec) -> str:
        """A reference to its kubeconfig."""
        ...

    def revive(self) -> list[str]:
        """Restarts dead processes of its clusters; returns a text for people."""
        ...


@dataclass(frozen=True)
class PhaseInput:
    """One phase to apply or undo. `limit_s`: time limit for applying, in seconds."""

    spec: ClusterSpec
    phase: Phase
    limit_s: float = 600


@dataclass(frozen=True)
class PhaseDone:
    """`blocker` empty: the phase is complete."""

    seconds: float
    blocker: str = ""


@dataclass(frozen=True)
class Differences:
    """The difference between a cluster and its spec; empty: none."""

    changes: tuple[Change, ...]


class RemediationActivities(Protocol):
    """Signatures of the activities; implemented in remediation.py."""

    @activity.defn(name="cluster-survey")
    async def survey(self, input: SurveyInput) -> Observation:
        """An unreachable API is an observation, not a failure."""
        ...

    @activity.defn(name="cluster-mend")
    async def mend(self, input: RepairInput) -> None:
        """Carries out one decision. Idempotent."""
        ...


class ProvisionActivities(Protocol):
    """Signatures of the activities; implemented in provisioning.py."""

    @activity.defn(name="change-cluster")
    async def change(self, wish: ClusterRequest) -> str:
        """Requests the update; returns why the cluster refuses it, or empty."""
        ...

    @activity.defn(name="settle-cluster")
    async def settle(self, name: str) -> Settled:
        """Waits until the cluster's operation has ended."""
        ...

    @activity.defn(name="see-cluster-off")
    async def gone(self, name: str) -> None:
        """Waits until a deleted cluster is gone."""
        ...


@dataclass(frozen=True)
class RequestTold:
    """An entry of a request's story. `at`: seconds since the epoch."""

    at: float
    words: str


@dataclass(frozen=True, kw_only=True)
class RequestRecord:
    """How far a request is, for lists and pages."""

    id: str
    status: RequestStatus
    at: float
    why: str = ""
    scope: str = ""
    """Digest of the document that people sign; empty: as it was."""
    story: tuple[RequestTold, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RequestStep:
    """A request to do, or to take back. `attempt`: counts from 1; the same one is done once."""

    id: str
    asked: AskedChange
    back: bool = False
    attempt: int = 1


@dataclass(frozen=True, kw_only=True)
class RequestStepDone:
    """What a cluster answers."""

    refusal: str = ""
    """Why it does not do it; empty: it does, or there is nothing to do."""
    busy: bool = False
    """It is refused for now: another operation is under way."""
    gone: bool = False
    """There is no such cluster any more."""
    nothing: bool = False
    """The cluster is so already."""
    done: bool = False
    """It was done in a cluster that was made elsewhere, or begun there: nothing has to be waited for."""


class RequestActivities(Protocol):
    """Signatures of the activities; implemented in requesting.py."""

    @activity.defn(name="record-request")
    async def record(self, told: RequestRecord) -> None:
        """Writes how far a request is."""
        ...

    @activity.defn(name="ask-cluster")
    async def ask(self, step: RequestStep) -> RequestStepDone:
        """Asks the cluster's workflow to do a request, or to take it back. A refusal is a result."""
        ...


class ClusterActivities(Protocol):
    """Signatures of the activities; implemented in activities.py."""

    @activity.defn(name="cluster-phase")
    async def phase(self, input: PhaseInput) -> PhaseDone:
        """Applies a phase and waits until it is complete. A blocker is a result, not a failure."""
        ...

    @activity.defn(name="cluster-undo")
    async def undo(self, input: PhaseInput) -> None:
        """Undoes one phase; a phase that was never applied is not an error."""
        ...

    @activity.defn(name="cluster-leftovers")
    async def leftovers(self, spec: ClusterSpec) -> list[str]:
        """What outlives the cluster, as text; empty: nothing."""
        ...

    @activity.defn(name="cluster-differences")
    async def differences(self, spec: ClusterSpec) -> Differences:
        """What an update would change, compared with what exists."""
        ...

    @activity.defn(name="cluster-reference")
    async def reference(self, spec: ClusterSpec) -> str:
        """A reference to its kubeconfig; registers it for jobs."""
        ...

    @activity.defn(name="cluster-health")
    async def health(self, spec: ClusterSpec) -> ClusterHealth:
        """Current health; an unreachable cluster is a result."""
        ...
