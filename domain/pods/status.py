"""Pods: what is asked for, what is seen, why one waits, and what follows when its node is lost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from domain.clusters import metadata
from domain.clusters.health import condition
from domain.core.documents import Node, Object
from domain.pods.pending import waiting


class PodPhase(StrEnum):
    """Of a pod's life. The five in the middle are those of Kubernetes.

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
    """A pod at one moment. `exit_code` -1: none."""

    phase: PodPhase
    reason: str = ""
    node: str = ""
    exit_code: int = -1
    ending: bool = False
    """Somebody has asked for its end."""
    uid: str = ""
    at: float = field(default=0.0, compare=False)
    """When a watch saw it, in Unix seconds; 0: no watch did."""


@dataclass(frozen=True)
class Nodes:
    """Of a cluster: those that nobody hears of, and when each was made (RFC 3339, as the API has it)."""

    silent: frozenset[str] = frozenset()
    born: Mapping[str, str] = field(default_factory=dict)

    def trouble(self, node: str, placed: str) -> str:
        """Why a pod that was made at a time is lost with its node; empty: it is not."""
        if node in self.silent:
            return f"node {node} is lost"
        replaced = bool(placed) and self.born.get(node, "") > placed
        return f"node {node} was replaced by another of its name" if replaced else ""


def nodes_of(found: Iterable[Object]) -> Nodes:
    """Which nodes there are, since when, and which of them their cluster no longer hears from."""
    known = list(found)
    silent = (metadata.name(one) for one in known if condition(one, "Ready") in ("Unknown", ""))
    born = {metadata.name(one): metadata.created(one) for one in known}
    return Nodes(frozenset(silent), born)


def status_of(pod: Object, nodes: Nodes = Nodes()) -> PodStatus:
    """What the API server says of a pod; on a node that is lost it says what once was."""
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
    return PodStatus(phase, reason, node, code, metadata.is_ending(pod), said.at("metadata", "uid").text())


def should_notify(last: PodStatus | None, now: PodStatus) -> bool:
    """Whether a pod's workflow has to hear what its watch sees now, after what it heard last.

    That it was created, the workflow knows; of one that has ended it wants to know no more; and where it was placed it
    learns together with what became of it there.
    """
    if last is None:
        return now.phase is not PodPhase.PENDING or bool(now.reason)
    return last.phase not in ENDED and (last.phase, last.reason) != (now.phase, now.reason)


def is_gone(left: Object | None) -> bool:
    """Of what the server answered when the last finalizer was taken away: whether that was the object's end.

    Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/finalizers/
    """
    if left is None:
        return True
    meta = Node(left)["metadata"]
    asked = metadata.is_ending(left) and meta["deletionGracePeriodSeconds"].whole(-1) == 0
    return asked and not meta["finalizers"]


def _why(ended: Node) -> str:
    """A container that could not be started says why in its message; others leave there what they like."""
    reason, said = ended["reason"].text(), ended["message"].text()
    return f"{reason}: {said[:300]}" if said and reason != "Error" else reason


def _phase(word: str) -> PodPhase:
    try:
        return PodPhase(word)
    except ValueError:
        return PodPhase.UNKNOWN


def _ended(status: Node) -> Node:
    """How the first container that failed ended, or else the last one."""
    states = [one.at("state", "terminated") for one in status["containerStatuses"]]
    ended = [one for one in states if one]
    return next((one for one in ended if one["exitCode"]), ended[-1] if ended else Node())


class Lost(StrEnum):
    """What follows when a pod's node is lost."""

    WAIT = "wait"
    RELOCATE = "relocate"
    FAIL = "fail"


def after_loss(idempotent: bool, node_exists: bool, attempts_left: int) -> Lost:
    """Another copy starts only when none can run any more, or when two at once do no harm.

    A node that is merely silent may still run its pods; one whose object is gone was taken out by somebody.
    """
    if node_exists and not idempotent:
        return Lost.WAIT
    return Lost.RELOCATE if attempts_left > 0 else Lost.FAIL
