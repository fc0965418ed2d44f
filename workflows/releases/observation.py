"""Watches the new version while both have traffic: until it is proven, is bad, is overdue, or people say otherwise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from temporalio import workflow

from activities.releases.metric_sources.port import Comparison
from activities.releases.port import ActionResult, ObserverActivities
from domain.releases.actions import ReleaseResult
from domain.releases.judge.ramp import Decision, Goal, RampDecision
from workflows.core import activity_options as options
from workflows.releases.action_runner import ActionRunner, VersionPair
from workflows.releases.commands import Given
from workflows.releases.messages import EvidenceView
from workflows.releases.observer import Observer
from workflows.releases.story import Story


class Observation:
    """Observes the new version for one release, over all its steps."""

    def __init__(self, release: str, pair: VersionPair, runner: ActionRunner, given: Given, story: Story) -> None:
        self._release, self._pair, self._runner = release, pair, runner
        self._given, self._story = given, story
        self._observer: Observer | None = None
        """Made with the first look; its judge remembers all that was seen."""
        self._goal = Goal()
        self._began = workflow.time()
        self._idle_s = 0.0
        """Pauses and approvals, which the deadline does not count."""
        self._proven: list[bool] = []

    @property
    def proven(self) -> bool:
        """The version was promoted by evidence at every step."""
        return bool(self._proven) and all(self._proven)

    @property
    def evidence(self) -> tuple[EvidenceView, ...]:
        """Of each metric so far; empty before the first look."""
        return self._observer.evidence() if self._observer else ()

    @property
    def tick(self) -> int:
        """The last one that was judged; -1: none."""
        return self._observer.judge.last if self._observer else -1

    def begin(self) -> None:
        """The deadline counts from here."""
        self._began = workflow.time()

    async def observe(self, goal: Goal) -> ActionResult:
        """Until the version may go on, or must go back."""
        spec = self._pair.new.spec
        self._goal = replace(goal, stage=self._goal.stage + 1)
        self._story.step(f"watch {spec.version} at {self._runner.percent:g} %")
        while True:
            if self._given.abort:
                return ActionResult(False, self._given.abort)
            if self._given.promoted:
                self._proven.append(False)
                return ActionResult(True, "promoted by hand")
            if self._left_s() <= 0:
                return ActionResult(False, f"not at full traffic after {spec.rollout.deadline_s:g} s")
            decision = await self._look()
            if decision is None or decision.call in (RampDecision.WAIT, RampDecision.FAULT):
                continue
            self._story.tell(f"{decision.call} at {self._runner.percent:g} %", decision.reason)
            if decision.call is RampDecision.GO and goal.prove:
                self._proven.append(decision.proven)
            return ActionResult(decision.call is RampDecision.GO, decision.reason)

    async def while_paused(self) -> str:
        """Returns why to go back meanwhile; empty: on."""
        reason = ""
        while self._given.paused and not self._given.abort and not reason:
            reason = await self.hold(lambda: not self._given.paused)
        return reason

    async def hold(self, over: Callable[[], bool]) -> str:
        """Watches without going on, until something is over. Why to go back; empty: it is over, or a command came."""
        spec = self._pair.new.spec
        if not (0 < self._runner.percent < 100 and spec.rollout.judged):  # nobody has traffic that is to be watched
            began = workflow.time()
            await workflow.wait_condition(lambda: over() or bool(self._given.abort))
            self._idle_s += workflow.time() - began
            return ""
        decision = await self._look(hold=True)
        if decision and decision.call is RampDecision.BACK:
            self._story.tell(f"back at {self._runner.percent:g} %", decision.reason)
            return decision.reason
        return ""

    async def _look(self, hold: bool = False) -> Decision | None:
        """One observation at the present weight, until it is decided, commanded, overdue or ten minutes old."""
        new, previous, percent = self._pair.new, self._pair.previous, self._runner.percent
        assert previous is not None
        if self._observer is None:
            watched = Comparison(new, previous, new.spec.rollout.policy, self._runner.baseline)
            self._observer = Observer(self._release, watched)
        before, began, held = self._given.count, workflow.time(), hold or self._given.paused
        left_s = self._left_s()
        decision = await self._observer.look(
            replace(self._goal, hold=held),
            percent,
            new.spec.strategy == "rolling",
            lambda: bool(self._given.abort) or self._given.count != before,
            None if held or left_s == float("inf") else left_s,
        )
        if held:
            self._idle_s += workflow.time() - began
        while self._observer.notes:
            self._story.tell("counters", self._observer.notes.pop(0))
        if decision:
            self._story.doing = f"{percent:g} %: {decision.reason}"
        self._story.show()
        return decision

    def _left_s(self) -> float:
        """Seconds until the deadline."""
        deadline_s = self._pair.new.spec.rollout.deadline_s
        return self._began + deadline_s + self._idle_s - workflow.time() if deadline_s else float("inf")

    async def with_ticks(self, result: ReleaseResult) -> ReleaseResult:
        """The result with the digest of all that was seen, if anything was, and what it was judged by."""
        if self._observer is None:
            return result
        ticks = await workflow.execute_activity_method(
            ObserverActivities.keep, self._release, **options.write_record("keep the ticks")
        )
        watched = self._observer.watched
        return replace(result, ticks=ticks, policy=watched.policy, baseline=watched.baseline)
