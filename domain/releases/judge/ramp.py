"""When the weight may rise: only with evidence that the next step's failures stay within the budget."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from domain.releases.judge import explain as words
from domain.releases.judge.judge import WINDOW_S, Judge
from domain.releases.judge.policy import ERRORS, OnInconclusive


class RampDecision(StrEnum):
    """What happens to the canary's weight."""

    WAIT = "wait"
    GO = "go"
    """Go to the next step."""
    FAULT = "fault"
    """The canary gets no traffic: the ramp pauses."""
    BACK = "back"


@dataclass(frozen=True)
class Decision:
    """What happens to the weight, and why."""

    call: RampDecision
    reason: str
    proven: bool = False
    """Whether evidence shows that the step is safe; false: by time or by a person's command."""
    inconclusive: bool = False
    """Whether the longest dwell is over without evidence."""


@dataclass(frozen=True, kw_only=True)
class Goal:
    """What an observation must show before the weight goes to `next_percent`; dwell times in seconds."""

    next_percent: float = 100.0
    min_dwell_s: float = 60.0
    max_dwell_s: float = 600.0
    prove: bool = True
    """Whether the next step must be shown to be safe; otherwise only a failure stops it."""
    stage: int = 0
    """Number of the observation within the release: only its own ticks count for the dwell time."""
    hold: bool = False
    """Paused, or waiting for approval: keep observing, do not proceed."""
    suspicion_ends: bool = False
    """Whether amber metrics are tolerated at max_dwell_s, when the next step is shown to be safe."""
    proved: bool = False
    """Whether all clusters of the release together have proven the next step: enough for one that has not by then."""


def decide(judge: Judge, goal: Goal) -> Decision:
    """Whether the current step is over; pure, from what the judge has counted.

    Order: a failing metric rolls back at once; then routing faults, blockers, evidence, the longest dwell.
    """
    failing = judge.failing
    if failing:
        return Decision(RampDecision.BACK, words.failed(judge, failing))
    if judge.silent_s:
        reason = words.silent(judge)
        return Decision(RampDecision.BACK if judge.silent_s >= WINDOW_S else RampDecision.FAULT, reason)
    blocked = _blocked(judge, goal)
    if blocked:
        return Decision(RampDecision.WAIT, blocked)
    if not goal.prove:
        return Decision(RampDecision.GO, words.watched(judge))
    if judge.safe(goal.next_percent):
        return Decision(RampDecision.GO, words.safe(judge, goal.next_percent), proven=True)
    if _dwelt_s(judge, goal) < goal.max_dwell_s:
        return Decision(RampDecision.WAIT, words.needed(judge, goal.next_percent))
    if goal.proved:
        return Decision(RampDecision.GO, words.proved(judge, goal.next_percent), proven=True)
    return _inconclusive(judge, goal)


def _blocked(judge: Judge, goal: Goal) -> str:
    dwelt_s = _dwelt_s(judge, goal)
    if dwelt_s < goal.min_dwell_s or not dwelt_s:
        return f"{dwelt_s:g} of at least {goal.min_dwell_s:g} s"
    if judge.amber and not _outlived(judge, goal):
        return words.amber(judge)
    if judge.incident:
        return words.incident(judge)
    return "held" if goal.hold else ""


def _outlived(judge: Judge, goal: Goal) -> bool:
    """Two early failures keep a metric amber for ever, even when none follow: only the budget can clear that."""
    late = goal.suspicion_ends and _dwelt_s(judge, goal) >= goal.max_dwell_s
    return late and judge.amber == [ERRORS] and judge.safe(goal.next_percent)


def _dwelt_s(judge: Judge, goal: Goal) -> float:
    return judge.dwelt_s if judge.stage == goal.stage else 0.0


def _inconclusive(judge: Judge, goal: Goal) -> Decision:
    reason = words.inconclusive(judge, goal.next_percent, goal.max_dwell_s)
    match judge.policy.on_inconclusive:
        case OnInconclusive.PROMOTE:
            return Decision(RampDecision.GO, reason, inconclusive=True)
        case OnInconclusive.ROLLBACK:
            return Decision(RampDecision.BACK, reason, inconclusive=True)
        case _:
            return Decision(RampDecision.WAIT, reason, inconclusive=True)
