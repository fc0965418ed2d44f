"""How a cluster is made, changed and taken down: phases one after the other, and back when one fails."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from domain.clusters.plan import Change, Phase, Verb
from domain.clusters.spec import ClusterSpec
from domain.core.values import number

ORDER = tuple(Phase)


class Operation(StrEnum):
    """What can be asked of a cluster."""

    CREATE = "create"
    UPDATE = "update"
    HEAL = "heal"
    DELETE = "delete"


class Status(StrEnum):
    """Where a cluster stands; FAILED and DELETED are final."""

    REQUESTED = "requested"
    CREATING = "creating"
    UPDATING = "updating"
    HEALING = "healing"
    READY = "ready"
    DEGRADED = "degraded"
    """It exists, and its last operation did not come to its end: see the blocker."""
    COMPENSATING = "compensating"
    DELETING = "deleting"
    STUCK = "stuck"
    """What undoes it fails: see the blocker. It is tried again by itself."""
    FAILED = "failed"
    """Its creation failed, and nothing of it is left."""
    DELETED = "deleted"


UNDER_WAY = {
    Operation.CREATE: Status.CREATING,
    Operation.UPDATE: Status.UPDATING,
    Operation.HEAL: Status.HEALING,
    Operation.DELETE: Status.DELETING,
}


@dataclass(frozen=True)
class Blocker:
    """What stands in the way. Times in seconds since the epoch."""

    phase: Phase
    owner: str
    """Whose turn it is: the provider, the definition, or a person."""
    reason: str
    since: float
    tries: int = 1


def forwards(operation: Operation, changes: Sequence[Change] = ()) -> tuple[Phase, ...]:
    """The phases of an operation. An update goes through those that something changes in, and verifies."""
    if operation is Operation.UPDATE:
        touched = {change.phase for change in changes if change.verb is not Verb.KEEP}
        return tuple(p for p in ORDER if p in touched or p in (Phase.PREFLIGHT, Phase.VERIFICATION))
    if operation is Operation.HEAL:
        return tuple(p for p in ORDER if p is not Phase.PREFLIGHT)
    return ORDER


def backwards(begun: Iterable[Phase]) -> tuple[Phase, ...]:
    """What is undone, and in which order: a phase that failed has begun, and may have left something."""
    have = set(begun)
    return tuple(phase for phase in reversed(ORDER) if phase in have and phase not in NOTHING_TO_UNDO)


NOTHING_TO_UNDO = frozenset({Phase.PREFLIGHT, Phase.VERIFICATION})


def after_failure(operation: Operation) -> Status:
    """A creation that fails is undone; what exists stays, and says what is wrong with it."""
    return Status.COMPENSATING if operation is Operation.CREATE else Status.DEGRADED


def mends_drift(status: Status, guarded: bool, drift: Sequence[str]) -> str:
    """Why what was applied is applied again; empty: it is left as it is, and told.

    Only clusters with automatic repair are repaired, and those whose last repair stopped half-way too.
    """
    if not guarded or not drift or status not in (Status.READY, Status.DEGRADED):
        return ""
    return f"drift in {number(len(drift), 'object')}: {', '.join(drift[:3])}"


def ending(spec: ClusterSpec) -> str:
    """What is said when it is gone from here."""
    return "deleted; nothing is left" if spec.ours else "unregistered; the cluster itself was not touched"


def again_s(tries: int, first_s: float = 5.0, longest_s: float = 300.0) -> float:
    """How long to wait before what undoes a cluster is tried again: doubled each time."""
    return float(min(longest_s, first_s * 2 ** min(max(tries - 1, 0), 16)))


def refusal(status: Status, operation: Operation) -> str:
    """Why an operation makes no sense now; empty: it does."""
    if status in (Status.DELETING, Status.DELETED, Status.FAILED, Status.COMPENSATING, Status.STUCK):
        repeated = operation is Operation.DELETE and status in (Status.DELETING, Status.STUCK)
        return "" if repeated else f"the cluster is {status}"
    if operation is Operation.CREATE:
        return f"the cluster already exists and is {status}"
    return ""
