"""How a cluster is created, updated and deleted: one phase after the other, undone in reverse when one fails."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from domain.clusters.plan import Change, Phase, Verb
from domain.clusters.spec import ClusterSpec
from domain.core.values import number

ORDER = tuple(Phase)


class Operation(StrEnum):
    """An operation on a cluster."""

    CREATE = "create"
    UPDATE = "update"
    HEAL = "heal"
    DELETE = "delete"


class Status(StrEnum):
    """The state of a cluster; FAILED and DELETED are final."""

    REQUESTED = "requested"
    CREATING = "creating"
    UPDATING = "updating"
    HEALING = "healing"
    READY = "ready"
    DEGRADED = "degraded"
    """It exists, and its last operation did not complete: see the blocker."""
    COMPENSATING = "compensating"
    DELETING = "deleting"
    STUCK = "stuck"
    """Its cleanup fails: see the blocker. The workflow retries it."""
    FAILED = "failed"
    """Its creation failed, and the cleanup left nothing."""
    DELETED = "deleted"


UNDER_WAY = {
    Operation.CREATE: Status.CREATING,
    Operation.UPDATE: Status.UPDATING,
    Operation.HEAL: Status.HEALING,
    Operation.DELETE: Status.DELETING,
}


@dataclass(frozen=True)
class Blocker:
    """What blocks an operation. Times in seconds since the epoch."""

    phase: Phase
    owner: str
    """Who has to act: the provider, the author of the definition, or an operator."""
    reason: str
    since: float
    tries: int = 1


def forwards(operation: Operation, changes: Sequence[Change] = ()) -> tuple[Phase, ...]:
    """The phases of an operation. An update runs the phases with changes, then verifies."""
    if operation is Operation.UPDATE:
        touched = {change.phase for change in changes if change.verb is not Verb.KEEP}
        return tuple(p for p in ORDER if p in touched or p in (Phase.PREFLIGHT, Phase.VERIFICATION))
    if operation is Operation.HEAL:
        return tuple(p for p in ORDER if p is not Phase.PREFLIGHT)
    return ORDER


def backwards(begun: Iterable[Phase]) -> tuple[Phase, ...]:
    """The phases to undo, in order. A failed phase is included: it may have created something."""
    have = set(begun)
    return tuple(phase for phase in reversed(ORDER) if phase in have and phase not in NOTHING_TO_UNDO)


NOTHING_TO_UNDO = frozenset({Phase.PREFLIGHT, Phase.VERIFICATION})


def after_failure(operation: Operation) -> Status:
    """The status after a failure: a failed creation is undone; an existing cluster stays, with the failure reported."""
    return Status.COMPENSATING if operation is Operation.CREATE else Status.DEGRADED


def mends_drift(status: Status, guarded: bool, drift: Sequence[str]) -> str:
    """Why drift is corrected; empty: it is only reported.

    Applies to clusters with automatic repair, also when their last repair stopped half-way.
    """
    if not guarded or not drift or status not in (Status.READY, Status.DEGRADED):
        return ""
    return f"drift in {number(len(drift), 'object')}: {', '.join(drift[:3])}"


def ending(spec: ClusterSpec) -> str:
    """The message when a cluster has been removed from this installation."""
    return "deleted; nothing is left" if spec.ours else "unregistered; the cluster itself was not touched"


def again_s(tries: int, first_s: float = 5.0, longest_s: float = 300.0) -> float:
    """Seconds until a failed cleanup is retried: doubled each time."""
    return float(min(longest_s, first_s * 2 ** min(max(tries - 1, 0), 16)))


def refusal(status: Status, operation: Operation) -> str:
    """Why an operation is not allowed in this state; empty when it is."""
    if status in (Status.DELETING, Status.DELETED, Status.FAILED, Status.COMPENSATING, Status.STUCK):
        repeated = operation is Operation.DELETE and status in (Status.DELETING, Status.STUCK)
        return "" if repeated else f"the cluster is {status}"
    if operation is Operation.CREATE:
        return f"the cluster already exists and is {status}"
    return ""
