"""Runs the observer activity of a release, and judges its ticks again in the workflow."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.releases.metric_sources.port import Comparison
from activities.releases.port import LIMIT_S, Observed, ObserveInput, ObserverActivities
from domain.releases.judge.judge import Judge
from domain.releases.judge.ramp import Decision, Goal, RampDecision, decide
from domain.releases.judge.ticks import tick_of
from workflows.core import activity_options as options
from workflows.core.failures import was_cancelled
from workflows.releases.messages import EvidenceView

HELD_IS_TOLD = "held-is-told"
"""In histories from before this patch nobody was told that a release is held without evidence."""


@dataclass
class Observer:
    """The judge of one release, and all ticks so far."""

    release: str
    watched: Comparison
    shared: bool = False
    """Whether it is a part of a whole, which is judged together."""
    judge: Judge = field(init=False)
    digest: str = ""
    notes: list[str] = field(default_factory=list)
    fault_known: bool = False
    held_stage: int = -1
    """The last stage that is known to be held without evidence."""

    def __post_init__(self) -> None:
        self.judge = Judge(self.watched.policy, self.watched.baseline.phi)

    async def look(
        self, goal: Goal, percent: float, rescaled: bool, disturbed: Callable[[], bool], limit_s: float | None
    ) -> Decision | None:
        """One observation. None: interrupted, or longer than the limit; the caller handles it.

        Raises:
            asyncio.CancelledError: the release was cancelled; the observer has ended.
        """
        goal = replace(goal, suspicion_ends=workflow.patched("suspicion-ends"))
        input = ObserveInput(
            self.release,
            replace(self.watched, percent=percent),
            goal,
            self.judge.last,
            self.fault_known,
            rescaled,
            self.held_stage == goal.stage or not workflow.patched(HELD_IS_TOLD),
            self.shared,
        )
        words = f"{percent:g} % of the traffic" + (" (held)" if goal.hold else "")
        looking = asyncio.create_task(
            workflow.execute_activity_method(ObserverActivities.observe, input, **options.observe(LIMIT_S, words))
        )
        try:
            timeout = None if limit_s is None else timedelta(seconds=max(limit_s, 0))
            await workflow.wait_condition(lambda: looking.done() or disturbed(), timeout=timeout)
        except TimeoutError:
            pass
        except asyncio.CancelledError:
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)
            raise
        if not looking.done():
            looking.cancel()
        try:
            return self._judge(await looking, goal)
        except (asyncio.CancelledError, ActivityError) as stopped:
            if isinstance(stopped, ActivityError) and not was_cancelled(stopped):
                raise
            return None

    def _judge(self, seen: Observed, goal: Goal) -> Decision:
        """Judges the observer's ticks again: they must give the same verdict here."""
        metrics = [metric.name for metric in self.watched.policy.metrics]
        for row in seen.rows:
            self.judge.feed(tick_of(row, metrics))
        self.digest = seen.digest
        self.notes += seen.notes
        decision = decide(self.judge, goal)
        if decision.call is not seen.call:
            self.notes.append(f"the observer decided {seen.call}, but its ticks give {decision.call}")
        else:
            decision = replace(decision, reason=seen.reason)  # the same verdict, with the ratio's interval
        self.fault_known = decision.call is RampDecision.FAULT
        if decision.inconclusive and decision.call is RampDecision.WAIT:
            self.held_stage = goal.stage
        return decision

    def evidence(self) -> tuple[EvidenceView, ...]:
        """For each metric: evidence and threshold (natural logarithms), events and requests of both versions."""
        return tuple(
            EvidenceView(name, round(one.process.evidence, 3), round(one.threshold, 3), one.canary, one.stable)
            for name, one in self.judge.evidence.items()
        )
