"""One version going to one environment: takes the lock, carries out a strategy's actions, goes back when one fails.

Steering (pause, resume, promote, abort, rollback) is heard at every wait. What may be said when is decided in
domain/releases/commands.py, what is done in which order by the strategies, whether the version is good by the judge.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from dataclasses import asdict, replace
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ActivityError, FailureError

from activities.releases.metric_sources.port import Watched
from activities.releases.port import ActionInput, ActionResult, ObserverActivities, ReleaseActivities, ReleaseRecord
from domain.approvals.request import Outcome
from domain.core import ids as keys
from domain.releases.actions import Action, Do, Event, ReleaseResult, ReleaseVerdict, Reply
from domain.releases.commands import Standing
from domain.releases.deployment import Deployment
from domain.releases.judge.ramp import Call, Decision, Goal
from domain.releases.rollback import rollback, settled
from domain.releases.strategies.instant_rollback import switch
from domain.releases.strategies.registry import STRATEGIES
from domain.releases.strategies.steps import Order
from domain.releases.traffic_baseline import Baseline
from workflows.core import activity_options as options
from workflows.core import search_attributes as attributes
from workflows.core.failures import CLOSED_AS_IT_ENDED, cause_of, ended_badly, ended_cancelled, reraise_cancelled
from workflows.releases import details as release_details
from workflows.releases.commands import Steered
from workflows.releases.messages import AskLock, GiveLock, Granted, ReleaseEnded, ReleaseInput, ReleaseView, Warm
from workflows.releases.observation import Watch
from workflows.releases.step_approval import ask

MAX_STORY = 200


@workflow.defn(name="Release")
class ReleaseWorkflow(Steered):
    """`release/SERVICE/ENVIRONMENT/N`."""

    @workflow.init
    def __init__(self, input: ReleaseInput) -> None:
        super().__init__()
        self._input = input
        self._granted: Granted | None = None
        self._steps: list[str] = []
        self._story: list[Event] = []
        self._address = ""
        self._attacked = ""
        self._began = self._acting_since = workflow.time()
        self._done: list[Action] = []
        self._doing, self._waiting = "begins", ""
        self._percent = 0.0
        self._going_back = False
        self._idle_s = 0.0
        self._baseline = Baseline()
        self._watch: Watch | None = None
        self._goal = Goal()
        self._proven: list[bool] = []
        self._asking: tuple[str, ...] = ()
        self._warm: Warm | None = None
        self._ended: ReleaseResult | None = None

    @workflow.run
    async def run(self, input: ReleaseInput) -> ReleaseResult:
        me, new = workflow.info().workflow_id, input.deployment
        environment = workflow.get_external_workflow_handle(keys.environment_id(new.environment))
        try:
            await self._record(ReleaseRecord(me, new.service, new.environment, input.number, input.run))
            await environment.signal("ask", AskLock(me, new.service))
            live, result = await self._with_lock(new)
        except asyncio.CancelledError:
            self._abort = self._abort or "the run was cancelled"
            live, result = await self._back_from_here(new)
        result = await self._with_ticks(result)
        went_back = result.verdict is not ReleaseVerdict.LIVE
        await environment.signal("give", GiveLock(me, new.service, live, went_back, None if went_back else self._warm))
        await self._record(ReleaseRecord(me, result=json.dumps(asdict(result))))
        self._ended, self._waiting = result, ""
        self._show()
        workflow.upsert_search_attributes(
            [attributes.STATUS.value_set(str(result.verdict)), attributes.WAITING_FOR.value_unset()]
        )
        await workflow.wait_condition(workflow.all_handlers_finished)
        if result.verdict is ReleaseVerdict.LIVE:
            return result
        if workflow.cancellation_reason() is None:
            return ended_badly("Release", str(result.verdict), result.reason, result)
        await self._tell_run(ReleaseEnded(me, result))
        return await ended_cancelled(result)

    async def _tell_run(self, ended: ReleaseEnded) -> None:
        """A run that has ended meanwhile need not know."""
        parent = workflow.info().parent
        if parent and parent.workflow_id == self._input.run and workflow.patched(CLOSED_AS_IT_ENDED):
            with contextlib.suppress(FailureError):
                await workflow.get_external_workflow_handle(parent.workflow_id).signal("release_ended", ended)

    async def _with_lock(self, new: Deployment) -> tuple[Deployment | None, ReleaseResult]:
        self._wait_for(f"lock of {new.environment}")
        await workflow.wait_condition(lambda: self._granted is not None or bool(self._abort))
        if self._granted is None:
            return None, self._result(ReleaseVerdict.ABORTED, self._abort, None)
        self._waiting, self._acting_since = "", workflow.time()
        return await self._release(new, self._granted.previous)

    async def _back_from_here(self, new: Deployment) -> tuple[Deployment | None, ReleaseResult]:
        if self._granted is None or not self._done:
            previous = self._granted.previous if self._granted else None
            return previous, self._result(ReleaseVerdict.ABORTED, self._abort, previous)
        return await self._back(new, self._granted.previous, ReleaseVerdict.ABORTED, self._abort)

    async def _release(self, new: Deployment, previous: Deployment | None) -> tuple[Deployment | None, ReleaseResult]:
        strategy = switch if self._input.fast else STRATEGIES[new.spec.strategy]
        steps = strategy(
            Order(
                new.instance,
                previous.instance if previous else "",
                new.spec.rollout,
                new.spec.instances,
                previous.spec.instances if previous else 0,
                not new.spec.rollout.approvals or workflow.patched("approvals-by-weight"),
            )
        )
        reply: Any = None
        while True:
            try:
                action = steps.send(reply)
            except StopIteration:
                break
            failed = await self._while_paused(new, previous)
            if failed:
                return await self._back(new, previous, ReleaseVerdict.ROLLED_BACK, failed)
            if self._abort and not settled(self._done):
                return await self._back(new, previous, ReleaseVerdict.ABORTED, self._abort)
            self._done.append(action)
            outcome = await self._carry_out(action, new, previous)
            if not outcome.ok and not settled(self._done):
                verdict = ReleaseVerdict.ABORTED if self._abort else ReleaseVerdict.ROLLED_BACK
                return await self._back(new, previous, verdict, self._abort or outcome.reason)
            if outcome.reason and action.do not in (Do.OBSERVE, Do.APPROVE):
                self._tell(f"{action.do} {self._deployment(action, new, previous).spec.version}", outcome.reason)
            reply = Reply(outcome.baseline.requests_per_s)
        return new, self._result(ReleaseVerdict.LIVE, self._words_of_success(new), new)

    def _words_of_success(self, new: Deployment) -> str:
        how = " by evidence at every step" if self._proven and all(self._proven) else ""
        return f"version {new.spec.version} is live{how}"

    async def _carry_out(self, action: Action, new: Deployment, previous: Deployment | None) -> ActionResult:
        match action.do:
            case Do.OBSERVE:
                return await self._observe(action.goal, new, previous)
            case Do.APPROVE:
                return await self._approve(action.name, new, previous)
            case Do.KEEP:
                assert previous is not None
                self._warm = Warm(previous, workflow.time() + action.seconds)
                self._step(f"keep {previous.spec.version} warm for {action.seconds:g} s")
                return ActionResult(True)
            case _:
                return await self._unless_aborted(action, new, previous)

    async def _unless_aborted(self, action: Action, new: Deployment, previous: Deployment | None) -> ActionResult:
        """An abort does not wait for the action: it is cancelled, and its clean-up waited for."""
        acting = asyncio.create_task(self._act(action, new, previous))
        final = settled(self._done)
        try:
            await workflow.wait_condition(lambda: acting.done() or (bool(self._abort) and not final))
        except asyncio.CancelledError:  # the way back must not begin beside an action that still runs
            acting.cancel()
            await asyncio.gather(acting, return_exceptions=True)
            raise
        if not acting.done():
            acting.cancel()
        try:
            return await acting
        except (asyncio.CancelledError, ActivityError) as stopped:
            if self._abort and not final:
                return ActionResult(False, self._abort)
            reraise_cancelled(stopped)
            return ActionResult(False, f"{action} failed: {str(cause_of(stopped))[:500]}")

    async def _act(self, action: Action, new: Deployment, previous: Deployment | None) -> ActionResult:
        deployment = self._deployment(action, new, previous)
        spec, other = deployment.spec, previous if deployment is new else new
        weight = f"{action.percent:g} % to " if action.do is Do.SHIFT else ""
        count = f" to {action.count or spec.instances} processes" if action.do is Do.SCALE else ""
        words = f"{action.do} {weight}{spec.version}{count}"
        self._step(words)
        limit_s = spec.readiness.timeout_s + 60 if action.do in (Do.START, Do.SCALE) else spec.drain_s + 60
        limit_s += spec.rollout.verify_s if action.do is Do.VERIFY else 0
        limit_s += spec.rollout.dast.timeout_s if action.do is Do.DAST and spec.rollout.dast else 0
        outcome = await workflow.execute_activity_method(
            ReleaseActivities.act,
            ActionInput(
                action.do,
                deployment,
                self._input.target,
                other,
                action.percent,
                action.count,
                new.spec.rollout.policy.tick_s,
            ),
            **options.release_action(limit_s, words),
        )
        self._address = outcome.address or self._address
        self._attacked = outcome.report or self._attacked
        if action.do is Do.MEASURE:
            self._baseline = outcome.baseline
        if action.do in (Do.SHIFT, Do.ROUTE):
            self._percent = action.percent if action.do is Do.SHIFT else (100.0 if deployment is new else 0.0)
        return outcome

    @staticmethod
    def _deployment(action: Action, new: Deployment, previous: Deployment | None) -> Deployment:
        deployment = new if action.version == new.instance else previous
        assert deployment is not None
        return deployment

    # Watching

    async def _observe(self, goal: Goal, new: Deployment, previous: Deployment | None) -> ActionResult:
        self._goal = replace(goal, stage=self._goal.stage + 1)
        self._step(f"watch {new.spec.version} at {self._percent:g} %")
        while True:
            if self._abort:
                return ActionResult(False, self._abort)
            if self._promoted:
                self._proven.append(False)
                return ActionResult(True, "promoted by hand")
            if self._overdue_s() <= 0:
                return ActionResult(False, f"not at full traffic after {new.spec.rollout.deadline_s:g} s")
            decision = await self._look(new, previous)
            if decision is None or decision.call in (Call.WAIT, Call.FAULT):
                continue
            self._tell(f"{decision.call} at {self._percent:g} %", decision.reason)
            if decision.call is Call.GO and goal.prove:
                self._proven.append(decision.proven)
            return ActionResult(decision.call is Call.GO, decision.reason)

    async def _look(self, new: Deployment, previous: Deployment | None, hold: bool = False) -> Decision | None:
        """One observation at the present weight, until it is decided, steered, overdue or ten minutes old."""
        assert previous is not None
        if self._watch is None:
            watched = Watched(new, previous, new.spec.rollout.policy, self._baseline)
            self._watch = Watch(workflow.info().workflow_id, watched)
        before, began, held = self._steered, workflow.time(), hold or self._paused
        goal = replace(self._goal, hold=held)
        left_s = self._overdue_s()
        decision = await self._watch.look(
            goal,
            self._percent,
            new.spec.strategy == "rolling",
            lambda: bool(self._abort) or self._steered != before,
            None if held or left_s == float("inf") else left_s,
        )
        if held:
            self._idle_s += workflow.time() - began
        while self._watch.notes:
            self._tell("counters", self._watch.notes.pop(0))
        self._doing = f"{self._percent:g} %: {decision.reason}" if decision else self._doing
        self._show()
        return decision

    def _overdue_s(self) -> float:
        """Seconds that are left until the deadline; pauses and approvals do not count."""
        deadline_s = self._input.deployment.spec.rollout.deadline_s
        return self._acting_since + deadline_s + self._idle_s - workflow.time() if deadline_s else float("inf")

    @property
    def _split(self) -> bool:
        """Whether both versions have traffic, so that the new one must be watched whatever else is awaited."""
        return 0 < self._percent < 100 and self._input.deployment.spec.rollout.judged

    async def _while_paused(self, new: Deployment, previous: Deployment | None) -> str:
        """Returns why to go back meanwhile; empty: on."""
        reason = ""
        while self._paused and not self._abort and not reason:
            reason = await self._hold(new, previous, lambda: not self._paused)
        return reason

    async def _hold(self, new: Deployment, previous: Deployment | None, over: Any) -> str:
        """Watches without going on, until something is over. Returns why to go back; empty: it is over, or steered."""
        if not self._split:
            began = workflow.time()
            await workflow.wait_condition(lambda: over() or bool(self._abort))
            self._idle_s += workflow.time() - began
            return ""
        decision = await self._look(new, previous, hold=True)
        if decision and decision.call is Call.BACK:
            self._tell(f"back at {self._percent:g} %", decision.reason)
            return decision.reason
        return ""

    # People

    async def _approve(self, name: str, new: Deployment, previous: Deployment | None) -> ActionResult:
        self._wait_for(f"approval {name}")
        self._asking = (name,)
        asking = asyncio.create_task(ask(self._input, name))
        asking.add_done_callback(lambda _: self._disturb())
        reason = ""
        try:
            while not (asking.done() or self._abort or reason):
                reason = await self._hold(new, previous, asking.done)
        except asyncio.CancelledError:
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
            raise
        finally:
            self._asking = ()
        self._wait_no_more()
        if not asking.done():
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
            return ActionResult(False, reason or self._abort)
        answer = asking.result()
        self._tell(f"approval {name}", answer.reason)
        return ActionResult(answer.outcome == Outcome.GRANTED, f"{name}: {answer.reason}")

    # Going back

    async def _back(
        self, new: Deployment, previous: Deployment | None, verdict: ReleaseVerdict, why: str
    ) -> tuple[Deployment | None, ReleaseResult]:
        self._going_back, self._paused = True, False
        for action in rollback(new.instance, previous.instance if previous else "", self._done):
            try:
                outcome = await self._act(action, new, previous)
            except ActivityError as broken:
                outcome = ActionResult(False, str(cause_of(broken))[:500])
            if not outcome.ok:
                reason = f"{why}; and going back failed at '{action}': {outcome.reason}"
                return None, self._result(ReleaseVerdict.FAILED, reason, None)
        if previous is None:
            return None, self._result(
                verdict if verdict is ReleaseVerdict.ABORTED else ReleaseVerdict.FAILED,
                f"{why}; there is no version before to go back to",
                None,
            )
        return previous, self._result(verdict, f"{why}; version {previous.spec.version} is live again", previous)

    def _result(self, verdict: ReleaseVerdict, reason: str, live: Deployment | None) -> ReleaseResult:
        previous, spec = self._granted.previous if self._granted else None, self._input.deployment.spec
        return ReleaseResult(
            verdict,
            spec.version,
            previous.spec.version if previous else "",
            live.spec.version if live else "",
            reason,
            self._address,
            tuple(self._steps),
            round(workflow.time() - self._began, 3),
            "switch" if self._input.fast else spec.strategy,
            tuple(self._story),
            bool(self._proven) and all(self._proven),
            attacked=self._attacked,
        )

    async def _with_ticks(self, result: ReleaseResult) -> ReleaseResult:
        if self._watch is None:
            return result
        ticks = await workflow.execute_activity_method(
            ObserverActivities.keep, workflow.info().workflow_id, **options.record("keep the ticks")
        )
        watched = self._watch.watched
        return replace(result, ticks=ticks, policy=watched.policy, baseline=watched.baseline)

    @workflow.signal(description="The environment's lock is ours")
    def granted(self, grant: Granted) -> None:
        self._granted = grant

    def _standing(self) -> Standing:
        spec = self._input.deployment.spec
        return Standing(
            self._granted is not None,
            spec.strategy != "recreate" and not self._input.fast,
            self._paused,
            self._promoted,
            settled(self._done),
            self._going_back,
            str(self._ended.verdict) if self._ended else "",
        )

    @workflow.query(description="How the release ended; nothing while it is under way")
    def result(self) -> ReleaseResult | None:
        return self._ended

    @workflow.query(description="Where the release stands: weight, evidence, what it waits for")
    def view(self) -> ReleaseView:
        new, previous = self._input.deployment, self._granted.previous if self._granted else None
        return ReleaseView(
            workflow.info().workflow_id,
            new.service,
            new.environment,
            new.spec.version,
            "switch" if self._input.fast else new.spec.strategy,
            self._doing,
            self._waiting,
            previous.spec.version if previous else "",
            self._percent,
            self._paused,
            str(self._ended.verdict) if self._ended else "",
            self._ended.reason if self._ended else "",
            self._watch.evidence() if self._watch else (),
            self._watch.judge.last if self._watch else -1,
            tuple(self._story),
            self._asking,
        )

    # What people see

    async def _record(self, record: ReleaseRecord) -> None:
        await workflow.execute_activity_method(ReleaseActivities.record, record, **options.record("record"))

    def _step(self, words: str) -> None:
        self._steps.append(words)
        self._doing = words
        self._tell(words)
        if len(self._steps) == 1:
            self._wait_no_more()

    def _tell(self, what: str, why: str = "") -> None:
        if len(self._story) < MAX_STORY:
            self._story.append(Event(workflow.time(), what, why))
        self._show()

    def _wait_for(self, what: str) -> None:
        self._waiting = what
        self._show()
        workflow.upsert_search_attributes([attributes.WAITING_FOR.value_set(what)])

    def _wait_no_more(self) -> None:
        self._waiting = ""
        workflow.upsert_search_attributes([attributes.WAITING_FOR.value_unset()])

    def _show(self) -> None:
        workflow.set_current_details(release_details.details(self.view(), self._input.run))
