"""How far an operation on a cluster is, phase by phase: forwards while it is made, backwards while it is taken down."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from domain.clusters.lifecycle import NOTHING_TO_UNDO, ORDER, Status
from domain.clusters.phase import Phase

BACKWARDS = (Status.COMPENSATING, Status.DELETING, Status.STUCK)
OVER = (Status.FAILED, Status.DELETED)


class StepState(StrEnum):
    """Of one phase."""

    WAITING = "waiting"
    UNDER_WAY = "under way"
    DONE = "done"
    STOPPED = "stopped"
    """The operation stopped in it: see the blocker."""
    UNDOING = "being undone"
    UNDONE = "undone"


@dataclass(frozen=True)
class Step:
    """A phase of a cluster's operation."""

    phase: Phase
    state: StepState


def steps(status: Status, phase: Phase, begun: Collection[Phase]) -> tuple[Step, ...]:
    """All phases in their order. `phase`: the one that is worked at; `begun`: those that may have made something."""
    return tuple(Step(one, _state(status, phase, begun, one)) for one in ORDER)


def _state(status: Status, phase: Phase, begun: Collection[Phase], one: Phase) -> StepState:
    if status in OVER:
        return StepState.UNDONE
    if status in BACKWARDS:
        return _backwards(status, phase, begun, one)
    if status is Status.READY:
        return StepState.DONE
    if status is Status.REQUESTED:
        return StepState.WAITING
    if one is phase:
        return StepState.STOPPED if status is Status.DEGRADED else StepState.UNDER_WAY
    return StepState.DONE if ORDER.index(one) < ORDER.index(phase) else StepState.WAITING


def _backwards(status: Status, phase: Phase, begun: Collection[Phase], one: Phase) -> StepState:
    if one is phase and one not in NOTHING_TO_UNDO:
        return StepState.STOPPED if status is Status.STUCK else StepState.UNDOING
    if one in begun and one not in NOTHING_TO_UNDO:
        return StepState.DONE
    return StepState.UNDONE
