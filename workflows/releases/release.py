"""Releases one version to one environment: takes the lock, runs a strategy's actions, rolls back when one fails.

Commands (pause, resume, promote, override, abort, rollback) are accepted at every wait. domain/releases/commands.py
decides which are allowed, the strategy decides the actions, the judge decides whether the version is good.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Generator
from dataclasses import asdict, replace

from temporalio import workflow
from temporalio.exceptions import ActivityError, FailureError

from activities.releases.port import ActionResult, ReleaseActivities, Releaser, ReleaseRecord
from domain.approvals.request import Outcome
from domain.core import ids
from domain.releases.actions import Action, ActionKind, ReleaseResult, ReleaseVerdict, Reply
from domain.releases.commands import ReleaseState
from domain.releases.deployment import Deployment
from domain.releases.kubernetes import schema
from domain.releases.kubernetes.place import KubernetesSpec
from domain.releases.rollback import rollback
from domain.releases.strategies.instant_rollback import switch
from domain.releases.strategies.registry import EVERY
from domain.releases.strategies.steps import Order
from workflows.core import activity_options as options
from workflows.core import search_attributes as attributes
from workflows.core.failures import CLOSED_AS_IT_ENDED, cause_of, ended_badly, ended_cancelled
from workflows.releases import git_outcome
from workflows.releases.action_runner import ActionRunner, VersionPair
from workflows.releases.commands import Commands
from workflows.releases.details import release_details
from workflows.releases.gates import Gates
from workflows.releases.messages import (
    AskLock,
    GiveLock,
    Granted,
    ReleaseEnded,
    ReleaseInput,
    ReleaseView,
    Warm,
)
from workflows.releases.observation import Observation
from workflows.releases.step_approval import ask
from workflows.releases.story import Story
from workflows.releases.windows import OVERRIDE, Windows

Live = tuple[Deployment | None, ReleaseResult]
"""The live version, when the release changed it, and how it ended."""


@workflow.defn(name="Release")
class ReleaseWorkflow(Commands):
    """`release/SERVICE/ENVIRONMENT/N`."""

    @workflow.init
    def __init__(self, input: ReleaseInput) -> None:
        super().__init__()
        self._input = input
        self._me = workflow.info().workflow_id
        self._began = workflow.time()
        self._granted = input.granted
        self._pair = VersionPair(input.deployment, input.granted.previous if input.granted else None)
        self._story = Story(self._show)
        whose = Releaser(run=input.run, job=input.job, attempt=input.attempt, origin=input.origin, whole=input.whole)
        self._runner = ActionRunner(input.target, self._pair, self._given, self._story, whose)
        self._observation = Observation(self._me, self._pair, self._runner, self._given, self._story, input.clusters)
        self._windows = Windows(input, self._given, self._story, self._observation.hold)
        self._gates = Gates(input, self._given, self._runner, self._observation)
        self._asking: tuple[str, ...] = ()
        """Open approvals."""
        self._warm: Warm | None = None
        self._going_back = False
        self._ended: ReleaseResult | None = None

    @workflow.run
    async def run(self, input: ReleaseInput) -> ReleaseResult:
        """The result, after the lock is released and the record is written.

        A cancel rolls the release back first.
        """
        new = input.deployment
        environment = workflow.get_external_workflow_handle(ids.environment_id(new.place))
        try:
            begun = ReleaseRecord(self._me, new.service, new.environment, input.number, input.run, cluster=new.cluster)
            await self._record(replace(begun, version=new.spec.version, strategy=self._strategy))
            await self._windows.before_lock()
            if not self._gates.held:
                await environment.signal("ask", AskLock(self._me, new.service))
            live, result = await self._with_lock()
        except asyncio.CancelledError:
            self._given.abort = self._given.abort or "the run was cancelled"
            live, result = await self._back_from_here()
        self._windows.end()
        result = await self._observation.with_ticks(result)
        went_back = result.verdict is not ReleaseVerdict.LIVE
        warm = None if went_back else self._warm
        holder, keeps = (input.whole, True) if self._gates.held else (self._me, False)
        given = GiveLock(holder, new.service, live, went_back, warm, self._runner.barrier, keeps=keeps)
        await environment.signal("give", replace(given, unended=self._runner.unended))
        result = await git_outcome.written(input, result, self._story)
        await self._record(ReleaseRecord(self._me, result=json.dumps(asdict(result))))
        self._ended, self._story.waiting = result, ""
        self._show()
        workflow.upsert_search_attributes(
            [attributes.STATUS.value_set(str(result.verdict)), attributes.WAITING_FOR.value_unset()]
        )
        await workflow.wait_condition(workflow.all_handlers_finished)
        return await self._close(result)

    async def _close(self, result: ReleaseResult) -> ReleaseResult:
        """The closing state in Temporal."""
        if result.verdict is ReleaseVerdict.LIVE:
            return result
        if workflow.cancellation_reason() is None:
            return ended_badly("Release", str(result.verdict), result.reason, result)
        parent = workflow.info().parent
        if (
            parent
            and parent.workflow_id in (self._input.run, self._input.whole)
            and workflow.patched(CLOSED_AS_IT_ENDED)
        ):
            with contextlib.suppress(FailureError):  # the run may have ended already
                run = workflow.get_external_workflow_handle(parent.workflow_id)
                await run.signal("release_ended", ReleaseEnded(self._me, result))
        return await ended_cancelled(result)

    async def _with_lock(self) -> Live:
        if not self._gates.held:
            self._story.wait_for(f"lock of {self._pair.new.place}")
        await workflow.wait_condition(lambda: self._granted is not None or bool(self._given.abort))
        if self._granted is None:
            return None, self._result(ReleaseVerdict.ABORTED, self._given.abort, None)
        self._story.waiting = ""
        self._observation.begin()
        return await self._release()

    async def _release(self) -> Live:
        """Runs the strategy's actions in order, until one fails or all are done."""
        if why := self._unfit():
            return await self._back(ReleaseVerdict.ROLLED_BACK, why)
        steps = self._steps()
        reply: Reply | None = None
        while True:
            try:
                action = steps.send(reply) if reply else next(steps)
            except StopIteration:
                break
            failed = await self._observation.while_paused() or await self._windows.before(action, self._runner.done)
            if failed := failed or await self._gates.before(action):
                return await self._back(ReleaseVerdict.ROLLED_BACK, failed)
            if self._given.abort and not self._runner.settled:
                return await self._back(self._given.verdict, self._given.abort)
            self._runner.done.append(action)
            outcome = await self._run(action)
            if not outcome.ok and not self._runner.settled:
                return await self._back(self._given.verdict, self._given.abort or outcome.reason)
            if outcome.reason and action.do not in (ActionKind.OBSERVE, ActionKind.APPROVE):
                self._story.tell(f"{action.do} {self._pair.of(action).spec.version}", outcome.reason)
            ready = outcome.ready
            reply = Reply(outcome.baseline.requests_per_s, ready.instances, ready.stable, ready.hooks)
            await self._gates.tell_weight(action)
        failed = await self._gates.end()
        if failed or (self._given.abort and self._gates.held and not self._runner.settled):
            return await self._back(self._given.verdict, self._given.abort or failed)
        how = " by evidence at every step" if self._observation.proven else ""
        new = self._pair.new
        return new, self._result(ReleaseVerdict.LIVE, f"version {new.spec.version} is live{how}", new)

    def _unfit(self) -> str:
        """Why the data does not go with this version; empty: it does."""
        granted, previous = self._granted, self._pair.previous
        return schema.refusal(
            self._pair.new.spec, previous.spec if previous else None, granted.barrier if granted else 0
        )

    def _steps(self) -> Generator[Action, Reply, None]:
        new, previous = self._pair.new, self._pair.previous
        strategy = switch if self._input.fast else EVERY[new.spec.strategy]
        return strategy(
            Order(
                new.instance,
                previous.instance if previous else "",
                new.spec.rollout,
                new.spec.instances,
                previous.spec.instances if previous else 0,
                not new.spec.rollout.approvals or workflow.patched("approvals-by-weight"),
                by_dwell=not new.spec.rollout.policy.first_by_dwell or workflow.patched("first-weight-by-dwell"),
                staged=new.spec.kubernetes is not None,
                capacity=(new.spec.kubernetes or KubernetesSpec()).capacity,
            )
        )

    async def _run(self, action: Action) -> ActionResult:
        match action.do:
            case ActionKind.OBSERVE:
                return await self._observation.observe(action.goal)
            case ActionKind.APPROVE:
                return await self._approve(action.name)
            case ActionKind.KEEP:
                previous = self._pair.previous
                assert previous is not None
                self._warm = Warm(previous, workflow.time() + action.seconds)
                self._story.step(f"keep {previous.spec.version} on standby for {action.seconds:g} s")
                return ActionResult(True)
            case _:
                return await self._runner.run_unless_aborted(action)

    async def _approve(self, name: str) -> ActionResult:
        """Waits for an approval while observing the version, which may have to roll back meanwhile."""
        self._story.wait_for(f"approval {name}")
        asking = asyncio.create_task(ask(self._input, name, lambda: self._asks(name), self._given))
        asking.add_done_callback(lambda _: self._disturb())
        reason = ""
        try:
            while not (asking.done() or self._given.abort or reason):
                reason = await self._observation.hold(asking.done)
        except asyncio.CancelledError:
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
            raise
        finally:
            self._asking = ()
        self._story.wait_no_more()
        if not asking.done():
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
            return ActionResult(False, reason or self._given.abort)
        answer = asking.result()
        self._story.tell(f"approval {name}", answer.reason)
        return ActionResult(answer.outcome == Outcome.GRANTED, f"{name}: {answer.reason}")

    def _asks(self, name: str) -> None:
        self._asking = (name,)

    # -- rollback --------------------------------------------------------------------------------------------------

    async def _back_from_here(self) -> Live:
        if self._granted is None or not self._runner.done:
            previous = self._pair.previous
            return previous, self._result(ReleaseVerdict.ABORTED, self._given.abort, previous)
        return await self._back(ReleaseVerdict.ABORTED, self._given.abort)

    async def _back(self, verdict: ReleaseVerdict, why: str) -> Live:
        self._going_back, self._given.paused = True, False
        await self._gates.back(why)
        new, previous = self._pair.new, self._pair.previous
        if ActionKind.HOOK in {action.do for action in self._runner.done}:
            gone = schema.no_way_back(new.spec, previous.spec if previous else None)
            why, previous = (f"{why}; {gone}", None) if gone else (why, previous)
        for action in rollback(new.instance, previous.instance if previous else "", self._runner.done):
            try:
                outcome = await self._runner.run(action)
            except ActivityError as broken:
                outcome = ActionResult(False, str(cause_of(broken))[:500])
            await self._gates.tell_gone(action)
            if not outcome.ok:
                reason = f"{why}; the rollback failed at '{action}': {outcome.reason}"
                return None, self._result(ReleaseVerdict.FAILED, reason, None)
        if previous is None:
            ended = verdict if verdict is ReleaseVerdict.ABORTED else ReleaseVerdict.FAILED
            return None, self._result(ended, f"{why}; there is no previous version to roll back to", None)
        return previous, self._result(verdict, f"{why}; version {previous.spec.version} is live again", previous)

    def _result(self, verdict: ReleaseVerdict, reason: str, live: Deployment | None) -> ReleaseResult:
        spec, previous = self._pair.new.spec, self._pair.previous
        return ReleaseResult(
            verdict=verdict,
            version=spec.version,
            previous=previous.spec.version if previous else "",
            live=live.spec.version if live else "",
            reason=reason,
            address=self._runner.address,
            steps=tuple(self._story.steps),
            seconds=round(workflow.time() - self._began, 3),
            strategy=self._strategy,
            story=tuple(self._story.events),
            proven=self._observation.proven,
            attacked=self._runner.report,
        )

    async def _record(self, record: ReleaseRecord) -> None:
        await workflow.execute_activity_method(ReleaseActivities.record, record, **options.write_record("record"))

    # -- messages and queries -------------------------------------------------------------------------------------

    @property
    def _strategy(self) -> str:
        return "switch" if self._input.fast else self._pair.new.spec.strategy

    @workflow.signal(description="The release has the environment's lock")
    def granted(self, grant: Granted) -> None:
        """Sent by the environment, with the live version."""
        self._granted = grant
        self._pair.previous = grant.previous

    def _standing(self) -> ReleaseState:
        return ReleaseState(
            locked=self._granted is not None,
            gradual=self._pair.new.spec.strategy != "recreate" and not self._input.fast,
            held=bool(self._windows.closed),
            overriding=self._windows.asking,
            paused=self._given.paused,
            promoted=self._given.promoted,
            settled=self._runner.settled,
            going_back=self._going_back,
            ended=str(self._ended.verdict) if self._ended else "",
        )

    @workflow.query(description="How the release ended; empty while it runs")
    def result(self) -> ReleaseResult | None:
        """The workflow's result, also when it failed."""
        return self._ended

    @workflow.query(description="Where the release stands: weight, evidence, what it waits for")
    def view(self) -> ReleaseView:
        """What the command line and the HTML page show of a running release."""
        new, previous = self._pair.new, self._pair.previous
        return ReleaseView(
            id=self._me,
            service=new.service,
            environment=new.place,
            version=new.spec.version,
            strategy=self._strategy,
            doing=self._story.doing,
            waiting_for=self._story.waiting,
            previous=previous.spec.version if previous else "",
            percent=self._runner.percent,
            paused=self._given.paused,
            verdict=str(self._ended.verdict) if self._ended else "",
            reason=self._ended.reason if self._ended else "",
            evidence=self._observation.evidence,
            tick=self._observation.tick,
            story=tuple(self._story.events),
            approvals=(*self._asking, *([OVERRIDE] if self._windows.asking else [])),
        )

    def _tell(self, what: str, why: str = "") -> None:
        self._story.tell(what, why)

    def _show(self) -> None:
        workflow.set_current_details(release_details(self.view(), self._input.run))
