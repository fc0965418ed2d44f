"""What the activities of pods are asked and answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from temporalio import activity

from domain.clusters.access import Access
from domain.pods.status import PodStatus


@dataclass(frozen=True)
class Demand:
    """What a job's pod asks for, by the names of quotas."""

    job: str
    cluster: str
    namespace: str
    wants: dict[str, float]


@dataclass(frozen=True)
class PodAt:
    """One pod of one cluster."""

    access: Access
    cluster: str
    namespace: str
    name: str
    workflow: str
    """The id of its workflow."""


@dataclass(frozen=True)
class NewPod:
    """A pod that is to be, with the files and secrets that it mounts."""

    at: PodAt
    manifest: dict[str, Any]
    files: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    """References by the names of variables."""


@dataclass(frozen=True)
class CreateResult:
    """`reason` empty: the pod is there."""

    reason: str = ""
    uid: str = ""


@dataclass(frozen=True)
class Removed:
    """`logs`: digest in the store; empty when there were none, or they are lost: then `gap` says why."""

    logs: str = ""
    gap: str = ""


@dataclass(frozen=True)
class NamespaceWatch:
    """Which namespace is watched; equal ones share one watch."""

    access: Access
    cluster: str
    namespace: str


class QuotaAdmissionActivities(Protocol):
    """As workflows call them; their implementation is in quota_admission.py."""

    @activity.defn(name="admit-run")
    async def admit(self, demands: list[Demand]) -> list[str]:
        """Why jobs can never run, each in words. A cluster that does not answer just now refuses nothing."""
        ...


class PodActivities(Protocol):
    """As workflows call them; their implementation is in activities.py."""

    @activity.defn(name="create-pod")
    async def create(self, new: NewPod) -> CreateResult:
        """Creates the pod or finds it, and sees to it that its namespace is watched. A refusal is a result."""
        ...

    @activity.defn(name="explain-pod")
    async def explain(self, at: PodAt) -> str:
        """Why it is pending; empty when it is not, or is no more. Also sees to it that somebody watches."""
        ...

    @activity.defn(name="look-at-pod")
    async def look(self, at: PodAt) -> PodStatus:
        """What it is now. Whoever has to look was told nothing for long: it is seen to that somebody watches."""
        ...

    @activity.defn(name="node-exists")
    async def node_exists(self, at: PodAt, node: str) -> bool:
        """Whether the node is there that the pod was placed on: another one of that name is another one."""
        ...

    @activity.defn(name="end-pod")
    async def end(self, at: PodAt) -> None:
        """Asks for its end, politely; its logs stay until they are kept."""
        ...

    @activity.defn(name="remove-pod")
    async def remove(self, at: PodAt, is_lost: bool) -> Removed:
        """Keeps all logs, then lets the pod go, and waits until it is gone. From a lost node there are none to keep."""
        ...

    @activity.defn(name="watch-pods")
    async def watch(self, what: NamespaceWatch) -> int:
        """Tells each pod's workflow what changes; how much was told, once there were no pods for a while."""
        ...
