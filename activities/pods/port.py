"""Messages and signatures of pod activities."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from temporalio import activity

from domain.clusters.access import Access
from domain.pods.object_action import ObjectAction
from domain.pods.status import PodStatus
from domain.secrets.rules import SecretUse


@dataclass(frozen=True)
class Demand:
    """A job pod's resource requests, by quota name."""

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
    uid: str = ""
    """Of the object that was made; empty: it is not known, and the pod's own annotation says whose it is."""


@dataclass(frozen=True)
class NewPod:
    """A pod to create, with the files and secrets that it mounts."""

    at: PodAt
    manifest: dict[str, Any]  # JSON: the converter of messages reads no recursive type
    files: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    """Environment variable to the name of a secret."""
    use: SecretUse = SecretUse()
    logs_by_watch: bool = False
    """The watch of its namespace may keep its logs and remove it, and tells that with its end."""


@dataclass(frozen=True)
class CreateResult:
    """`reason` empty: the pod exists."""

    reason: str = ""
    uid: str = ""


@dataclass(frozen=True)
class Removed:
    """`logs`: digest in the store; empty without logs, or when they are lost, then `gap` says why."""

    logs: str = ""
    gap: str = ""


@dataclass(frozen=True)
class NamespaceWatch:
    """The watched namespace; equal values share one watch."""

    access: Access
    cluster: str
    namespace: str


@dataclass(frozen=True)
class ObjectWish:
    """What somebody wants done to an object that no workflow of ours owns."""

    cluster: str
    action: ObjectAction
    kind: str
    namespace: str
    name: str
    uid: str = ""
    """Of the object that was looked at: another one of its name stays as it is."""
    at: str = ""
    """When it was wished (RFC 3339): the same wish twice restarts once."""
    reason: str = ""


@dataclass(frozen=True)
class ObjectDone:
    """`refusal` empty: done. `words`: what happens now."""

    refusal: str = ""
    words: str = ""


class ObjectActivities(Protocol):
    """Signature of the activity; implemented in objects.py."""

    @activity.defn(name="act-on-object")
    async def act(self, wish: ObjectWish) -> ObjectDone:
        """Restarts a workload or deletes a pod, with a permit. A refusal is a result, not a failure."""
        ...


class QuotaAdmissionActivities(Protocol):
    """Signatures of the activities; implemented in quota_admission.py."""

    @activity.defn(name="admit-run")
    async def admit(self, demands: list[Demand]) -> list[str]:
        """Why jobs can never run, as texts. An unreachable cluster refuses nothing."""
        ...


class PodActivities(Protocol):
    """Signatures of the activities; implemented in activities.py."""

    @activity.defn(name="create-pod")
    async def create(self, new: NewPod) -> CreateResult:
        """Creates the pod or finds it, and ensures that its namespace is watched. A refusal is a result."""
        ...

    @activity.defn(name="explain-pod")
    async def explain(self, at: PodAt) -> str:
        """Why it is pending; empty when it is not pending, or gone. Also ensures that its namespace is watched."""
        ...

    @activity.defn(name="look-at-pod")
    async def look(self, at: PodAt) -> PodStatus:
        """Its current status. Called after a long silence, so it also ensures that its namespace is watched."""
        ...

    @activity.defn(name="node-exists")
    async def node_exists(self, at: PodAt, node: str) -> bool:
        """Whether the pod's node still exists; a recreated node of the same name does not count."""
        ...

    @activity.defn(name="end-pod")
    async def end(self, at: PodAt) -> None:
        """Deletes it with its grace period; the finalizer keeps it until its logs are stored."""
        ...

    @activity.defn(name="remove-pod")
    async def remove(self, at: PodAt, is_lost: bool) -> Removed:
        """Stores all logs, removes the finalizer, and waits until it is gone. Logs of a lost node are unavailable."""
        ...

    @activity.defn(name="watch-pods")
    async def watch(self, what: NamespaceWatch) -> int:
        """Reports each change to the pod's workflow; returns the number of reports, once there were no pods for a
        while.
        """
        ...
