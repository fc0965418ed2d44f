"""Observes the new version while both get traffic: until it is proven, bad, overdue, or a command ends it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from temporalio import workflow

from activities.notifications.port import Notice, NotifyActivities
from activities.releases.metric_sources.port import Comparison
from activities.releases.port import ActionResult, ObserverActivities
from domain.releases.actions import ReleaseResult
from domain.releases.judge.pooled import local_policy
from domain.releases.judge.ramp import Decision, Goal, RampDecision
from workflows.core import activity_options as options
from workflows.releases.action_runner import ActionRunner, VersionPair
from workflows.releases.commands import Given
from workflows.releases.messages import EvidenceView
from workflows.releases.observer import HELD_IS_TOLD, Observer
from workflows.releases.story import Story


class Observation:
    """Observes the new version for one release, over all its steps."""

    def __init__(
        self, release: str, pair: VersionPair, runner: ActionRunner, given: Given, story: Story, clusters: int = 1
    ) -> None:
        """`clusters`: how many the whole release goes to; each judges by its share of what may be wrong."""
        self._policy = local_policy(pair.new.spec.rollout.policy, clusters)
        self._release, self._pair, self._runner, self._shared = release, pair, runner, clusters > 1
        self._given, self._story = given, story
        self._observer: Observer | None = None
        """Created at the first observation; its judge remembers all ticks."""
        self._goal = Goal()
        self._began = workflow.time()
        self._idle_s = 0.0
        """Pauses and approvals, excluded from the deadline."""
        self._proven: list[bool] = []
        self._told = -1
        """The last stage of which people know that it is held."""

    @property
    def proven(self) -> bool:
        """Whether evidence promoted the version at every step."""
        return bool(self._proven) and all(self._proven)

    @property
    def evidence(self) -> tuple[EvidenceView, ...]:
        """Evidence of each metric so far; empty before the first observation."""
        return self._observer.evidence() if self._observer else ()

    @property
    def tick(self) -> int:
        """The last judged tick; -1: none."""
        return self._observer.judge.last if self._observer else -1

    def begin(self) -> None:
        """Starts the deadline."""
        self._began = workflow.time()

    async def observe(self, goal: Goal) -> ActionResult:
        """Observes until the version may proceed or must roll back."""
        spec = self._pair.new.spec
        self._goal = replace(goal, stage=self._goal.stage + 1)
        self._story.step(f"watch {spec.version} at {self._runner.percent:g} %")
        while True:
            if self._given.abort:
                return ActionResult(False, self._given.abort)
            if self._given.promoted:
                self._proven.append(False)
                return ActionResult(True, "promoted manually")
            if self._left_s() <= 0:
                return ActionResult(False, f"not at full traffic after {spec.rollout.deadline_s:g} s")
            decision = await self._look()
            if decision and decision.inconclusive and decision.call is RampDecision.WAIT:
                await self._tell_people(decision)
            if decision is None or decision.call in (RampDecision.WAIT, RampDecision.FAULT):
                continue
            self._story.tell(f"{decision.call} at {self._runner.percent:g} %", decision.reason)
            if decision.call is RampDecision.GO and goal.prove:
                self._proven.append(decision.proven)
            return ActionResult(decision.call is RampDecision.GO, decision.reason)

    async def _tell_people(self, decision: Decision) -> None:
        """Once at each weight: the release goes on by itself with more traffic, or when people say so."""
        if self._told == self._goal.stage or not workflow.patched(HELD_IS_TOLD):
            return
        self._told = self._goal.stage
        self._story.tell(f"hold at {self._runner.percent:g} %", decision.reason)
        who = f"{self._pair.new.service} {self._pair.new.spec.version} in {self._pair.new.environment}"
        what = (
            f"{who} is held at {self._runner.percent:g} %: {decision.reason}; promote or abort it, or wait for traffic"
        )
        await workflow.execute_activity_method(
            NotifyActivities.notify, Notice("release-held", self._release, what), **options.quick("release-held")
        )

    async def while_paused(self) -> str:
        """Observes during a pause; returns why to roll back, or empty."""
        reason = ""
        while self._given.paused and not self._given.abort and not reason:
            reason = await self.hold(lambda: not self._given.paused)
        return reason

    async def hold(self, over: Callable[[], bool]) -> str:
        """Observes without proceeding until `over`, or a command; returns why to roll back, or empty."""
        spec = self._pair.new.spec
        if not (0 < self._runner.percent < 100 and spec.rollout.judged):  # one version has all traffic
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
        """One observation at the current weight, until it is decided, commanded, overdue or ten minutes old."""
        new, previous, percent = self._pair.new, self._pair.previous, self._runner.percent
        assert previous is not None
        if self._observer is None:
            watched = Comparison(new, previous, self._policy, self._runner.baseline)
            self._observer = Observer(self._release, watched, self._shared)
        before, began, held = self._given.count, workflow.time(), hold or self._given.paused
        left_s = self._left_s()
        decision = await self._observer.look(
            replace(self._goal, hold=held, proved=self._goal.next_percent in self._given.proved),
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
        """The result with the digest of all ticks, if any, and the policy."""
        if self._observer is None:
            return result
        ticks = await workflow.execute_activity_method(
            ObserverActivities.keep, self._release, **options.write_record("store the ticks")
        )
        watched = self._observer.watched
        return replace(result, ticks=ticks, policy=watched.policy, baseline=watched.baseline)
