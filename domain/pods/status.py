"""Pods: spec, observed status, why one is pending, and what follows when its node is lost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import KW_ONLY, dataclass, field
from enum import StrEnum

from domain.clusters import metadata
from domain.clusters.health import condition
from domain.clusters.pending import waiting
from domain.core.documents import Node, Object


class PodPhase(StrEnum):
    """The phases of a pod; the five in the middle are those of Kubernetes.

    Source: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/
    """

    REQUESTED = "requested"
    PENDING = "Pending"
    RUNNING = "Running"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    UNKNOWN = "Unknown"
    GONE = "gone"


ENDED = frozenset({PodPhase.SUCCEEDED, PodPhase.FAILED, PodPhase.GONE})


@dataclass(frozen=True)
class PodStatus:
    """A pod's status at one moment. `exit_code` -1: none."""

    phase: PodPhase
    reason: str = ""
    _: KW_ONLY
    node: str = ""
    exit_code: int = -1
    ending: bool = False
    """Its deletion was requested."""
    uid: str = ""
    at: float = field(default=0.0, compare=False)
    """When a watch saw it, in Unix seconds; 0: not seen by a watch."""
    removed: bool = False
    """It has ended, its logs are kept as `logs` (digest in the store; empty: it wrote none), and its object is gone."""
    logs: str = ""
    gap: str = ""


@dataclass(frozen=True)
class Nodes:
    """Nodes of a cluster: the unreachable ones, and when each was created (RFC 3339, as in the API)."""

    silent: frozenset[str] = frozenset()
    born: Mapping[str, str] = field(default_factory=dict)

    def trouble(self, node: str, placed: str) -> str:
        """Why a pod created at this time is lost with its node; empty: it is not lost."""
        if node in self.silent:
            return f"node {node} is lost"
        replaced = bool(placed) and self.born.get(node, "") > placed
        return f"node {node} was replaced by another of its name" if replaced else ""


def nodes_of(found: Iterable[Object]) -> Nodes:
    """The existing nodes, their creation times, and which are unreachable."""
    known = list(found)
    silent = (metadata.name(one) for one in known if condition(one, "Ready") in ("Unknown", ""))
    born = {metadata.name(one): metadata.created(one) for one in known}
    return Nodes(frozenset(silent), born)


def status_of(pod: Object, nodes: Nodes = Nodes()) -> PodStatus:
    """The status the API server reports for a pod; on a lost node, that status is stale."""
    said = Node(pod)
    status, node = said["status"], said.at("spec", "nodeName").text()
    phase = _phase(status["phase"].text() or "Pending")
    ended = _ended(status)
    reason = status["reason"].text()
    trouble = nodes.trouble(node, metadata.created(pod))
    if phase not in ENDED and trouble:
        phase, reason = PodPhase.UNKNOWN, trouble
    elif ended and phase is PodPhase.FAILED:
        reason = reason or _why(ended)
    elif phase is PodPhase.PENDING:
        reason = reason or waiting(pod)
    code = ended["exitCode"].whole(-1) if phase in ENDED else -1
    return PodStatus(
        phase, reason, node=node, exit_code=code, ending=metadata.is_ending(pod), uid=said.at("metadata", "uid").text()
    )


def should_notify(last: PodStatus | None, now: PodStatus) -> bool:
    """Whether the pod's workflow must hear what its watch sees, after what it heard last.

    Creation it knows; after the end it needs nothing more; the node it learns together with the next phase.
    """
    if last is None:
        return now.phase is not PodPhase.PENDING or bool(now.reason)
    return last.phase not in ENDED and (last.phase, last.reason) != (now.phase, now.reason)


def is_gone(left: Object | None) -> bool:
    """Whether the response to removing the last finalizer shows that the object is gone.

    Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/finalizers/
    """
    if left is None:
        return True
    meta = Node(left)["metadata"]
    asked = metadata.is_ending(left) and meta["deletionGracePeriodSeconds"].whole(-1) == 0
    return asked and not meta["finalizers"]


def _why(ended: Node) -> str:
    """The message of a container that could not start; other containers may write anything there."""
    reason, said = ended["reason"].text(), ended["message"].text()
    return f"{reason}: {said[:300]}" if said and reason != "Error" else reason


def _phase(word: str) -> PodPhase:
    try:
        return PodPhase(word)
    except ValueError:
        return PodPhase.UNKNOWN


def _ended(status: Node) -> Node:
    """The termination of the first failed container, else of the last one."""
    states = [one.at("state", "terminated") for one in status["containerStatuses"]]
    ended = [one for one in states if one]
    return next((one for one in ended if one["exitCode"]), ended[-1] if ended else Node())


class Lost(StrEnum):
    """What follows when a pod's node is lost."""

    WAIT = "wait"
    RELOCATE = "relocate"
    FAIL = "fail"


def after_loss(idempotent: bool, node_exists: bool, attempts_left: int) -> Lost:
    """A replacement starts only when the pod cannot run any more, or when two copies are allowed.

    A silent node may still run its pods; a deleted node object means that somebody removed the node.
    """
    if node_exists and not idempotent:
        return Lost.WAIT
    return Lost.RELOCATE if attempts_left > 0 else Lost.FAIL
