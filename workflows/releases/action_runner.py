"""Runs a strategy's actions on the target, one activity each; an abort cancels the running one."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.releases.port import HOOK_S, ActionInput, ActionResult, ReleaseActivities, Releaser
from domain.releases.actions import Action, ActionKind
from domain.releases.deployment import Deployment
from domain.releases.kubernetes.counted import LONGEST_WAIT_S
from domain.releases.kubernetes.schema import schema_of
from domain.releases.rollback import settled
from domain.releases.traffic_baseline import Baseline
from workflows.core import activity_options as options
from workflows.core.failures import cause_of, reraise_cancelled
from workflows.releases.commands import Given
from workflows.releases.messages import Unended
from workflows.releases.story import Story


@dataclass
class VersionPair:
    """The version being released, and the live one, which is known once the release holds its lock."""

    new: Deployment
    previous: Deployment | None = None

    def of(self, action: Action) -> Deployment:
        """The version that an action concerns."""
        deployment = self.new if action.version == self.new.instance else self.previous
        assert deployment is not None
        return deployment


class ActionRunner:
    """Executes a strategy's actions, and records what a rollback must undo."""

    def __init__(self, target: str, pair: VersionPair, given: Given, story: Story, whose: Releaser) -> None:
        self._target, self._pair, self._given, self._story = target, pair, given, story
        self._whose = whose
        self.done: list[Action] = []
        """Started actions in order: what a rollback must undo."""
        self.percent = 0.0
        """The new version's share of the traffic."""
        self.address = ""
        self.report = ""
        """Digest of the DAST findings of the new version; empty: not scanned."""
        self.baseline = Baseline()
        self.barrier = 0
        """The schema below which no version works any more; 0: this release has run no contract."""

        self.unended: Unended | None = None
        self._early: asyncio.Task[ActionResult] | None = None
        """The measurement that began with START."""

    @property
    def settled(self) -> bool:
        """Whether the new version has taken over, so later failures do not roll back."""
        return settled(self.done)

    async def run_unless_aborted(self, action: Action) -> ActionResult:
        """An abort cancels the action and waits for its clean-up. Remembers a version that could not be ended."""
        outcome = await self._unless_aborted(action)
        if action.do in (ActionKind.RETIRE, ActionKind.STOP) and self.settled and not outcome.ok:
            self.unended = Unended(self._pair.of(action), self._pair.new, outcome.reason)
        return outcome

    async def _unless_aborted(self, action: Action) -> ActionResult:
        running = asyncio.create_task(self.run(action))
        final = self.settled
        try:
            await workflow.wait_condition(lambda: running.done() or (bool(self._given.abort) and not final))
        except asyncio.CancelledError:  # the rollback must not start beside a running action
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            raise
        if not running.done():
            running.cancel()
        try:
            return await running
        except (asyncio.CancelledError, ActivityError) as stopped:
            if self._given.abort and not final:
                return ActionResult(False, self._given.abort)
            reraise_cancelled(stopped)
            return ActionResult(False, f"{action} failed: {str(cause_of(stopped))[:500]}")

    async def run(self, action: Action) -> ActionResult:
        """Runs one action. The previous version is measured while the new one starts: both take a while.

        Raises:
            ActivityError: the action failed, or was cancelled.
        """
        self._story.step(self._text(action))
        early, self._early = self._early, None
        if early and action.do is ActionKind.MEASURE:
            return await early
        await _given_up(early)
        if action.measures and workflow.patched("measures-while-starting"):
            self._early = asyncio.create_task(self._executed(Action(do=ActionKind.MEASURE, version=action.measures)))
        try:
            outcome = await self._executed(action)
        except (asyncio.CancelledError, ActivityError):
            await _given_up(self._early)
            raise
        if not outcome.ok:
            await _given_up(self._early)
        return outcome

    def _text(self, action: Action) -> str:
        return _text(action, self._pair.of(action))

    async def _executed(self, action: Action) -> ActionResult:
        new, deployment = self._pair.new, self._pair.of(action)
        other = self._pair.previous if deployment is new else new
        outcome = await workflow.execute_activity_method(
            ReleaseActivities.act,
            ActionInput(
                do=action.do,
                deployment=deployment,
                target=self._target,
                other=other,
                percent=action.percent,
                count=action.count,
                name=action.name,
                tick_s=new.spec.rollout.policy.tick_s,
                whose=self._whose,
            ),
            **options.release_action(_limit_s(action, deployment) + _scraped_s(new), self._text(action)),
        )
        self.address = outcome.address or self.address
        self.report = outcome.report or self.report
        if outcome.contracted:
            self.barrier = schema_of(new.spec).needs
        if action.do is ActionKind.MEASURE:
            self.baseline = outcome.baseline
        if action.do in (ActionKind.SHIFT, ActionKind.ROUTE):
            self.percent = action.percent if action.do is ActionKind.SHIFT else (100.0 if deployment is new else 0.0)
        return outcome


async def _given_up(early: asyncio.Task[ActionResult] | None) -> None:
    if early:
        early.cancel()
        await asyncio.gather(early, return_exceptions=True)


def _text(action: Action, deployment: Deployment) -> str:
    spec = deployment.spec
    weight = f"{action.percent:g} % to " if action.do is ActionKind.SHIFT else ""
    what = "pods" if spec.kubernetes else "processes"
    count = f" to {action.count or spec.instances} {what}" if action.do is ActionKind.SCALE else ""
    hook = f"{action.name} of " if action.do is ActionKind.HOOK else ""
    return f"{action.do} {weight}{hook}{spec.version}{count}"


def _scraped_s(new: Deployment) -> float:
    """How much longer an action may take that waits for counters, when they are those of scrapes."""
    return LONGEST_WAIT_S if new.spec.kubernetes and new.spec.kubernetes.place.counters else 0.0


def _limit_s(action: Action, deployment: Deployment) -> float:
    spec = deployment.spec
    limit_s = spec.readiness.timeout_s + 60 if action.do in (ActionKind.START, ActionKind.SCALE) else spec.drain_s + 60
    limit_s += HOOK_S if action.do in (ActionKind.HOOK, ActionKind.RETIRE) else 0
    limit_s += spec.rollout.verify_s if action.do is ActionKind.VERIFY else 0
    limit_s += spec.rollout.dast.timeout_s if action.do is ActionKind.DAST and spec.rollout.dast else 0
    return limit_s
