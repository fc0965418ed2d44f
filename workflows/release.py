"""One version going to one environment: takes the lock, carries out a strategy's actions, rolls back when one fails."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import asdict

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception

from activities.release import ActionInput, ActionResult, Deployment, ReleaseActivities, ReleaseRecord
from domain import keys
from domain.release.actions import Action, Do, ReleaseResult, ReleaseVerdict
from domain.release.rollback import rollback
from domain.release.strategies.registry import STRATEGIES
from workflows import attributes, options
from workflows.messages import AskLock, GiveLock, Granted, ReleaseInput


@workflow.defn(name="Release")
class ReleaseWorkflow:
    """`release/SERVICE/ENVIRONMENT/N`."""

    @workflow.init
    def __init__(self, input: ReleaseInput) -> None:
        self._input = input
        self._granted: Granted | None = None
        self._abort = ""
        self._steps: list[str] = []
        self._address = ""
        self._began = workflow.time()
        self._done: list[Action] = []

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
        went_back = result.verdict is not ReleaseVerdict.LIVE
        await environment.signal("give", GiveLock(me, new.service, live, went_back))
        await self._record(ReleaseRecord(me, result=json.dumps(asdict(result))))
        self._show(f"{result.verdict}: {result.reason}")
        workflow.upsert_search_attributes(
            [attributes.STATUS.value_set(str(result.verdict)), attributes.WAITING_FOR.value_unset()]
        )
        return result

    async def _with_lock(self, new: Deployment) -> tuple[Deployment | None, ReleaseResult]:
        self._show("waiting for the environment's lock", waiting=f"lock of {new.environment}")
        await workflow.wait_condition(lambda: self._granted is not None or bool(self._abort))
        if self._granted is None:
            return None, self._result(ReleaseVerdict.ABORTED, self._abort, None)
        return await self._release(new, self._granted.previous)

    async def _back_from_here(self, new: Deployment) -> tuple[Deployment | None, ReleaseResult]:
        if self._granted is None or not self._done:
            previous = self._granted.previous if self._granted else None
            return previous, self._result(ReleaseVerdict.ABORTED, self._abort, previous)
        return await self._back(new, self._granted.previous, self._done, ReleaseVerdict.ABORTED, self._abort)

    async def _release(self, new: Deployment, previous: Deployment | None) -> tuple[Deployment | None, ReleaseResult]:
        before = previous.instance if previous else ""
        for action in STRATEGIES[new.spec.strategy](new.instance, before):
            if self._abort:
                return await self._back(new, previous, self._done, ReleaseVerdict.ABORTED, self._abort)
            self._done.append(action)
            outcome = await self._unless_aborted(action, new, previous)
            if not outcome.ok:
                verdict = ReleaseVerdict.ABORTED if self._abort else ReleaseVerdict.ROLLED_BACK
                return await self._back(new, previous, self._done, verdict, self._abort or outcome.reason)
        return new, self._result(ReleaseVerdict.LIVE, f"version {new.spec.version} is live", new)

    async def _unless_aborted(self, action: Action, new: Deployment, previous: Deployment | None) -> ActionResult:
        """An abort does not wait for the action: it is cancelled, and its clean-up waited for."""
        acting = asyncio.create_task(self._act(action, new, previous))
        try:
            await workflow.wait_condition(lambda: acting.done() or bool(self._abort))
        except asyncio.CancelledError:  # the way back must not begin beside an action that still runs
            acting.cancel()
            await asyncio.gather(acting, return_exceptions=True)
            raise
        if not acting.done():
            acting.cancel()
        try:
            return await acting
        except (asyncio.CancelledError, ActivityError) as stopped:
            if self._abort:
                return ActionResult(False, self._abort)
            if is_cancelled_exception(stopped):
                raise
            return ActionResult(False, f"{action} failed: {_cause(stopped)}")

    async def _act(self, action: Action, new: Deployment, previous: Deployment | None) -> ActionResult:
        deployment = new if action.version == new.instance else previous
        assert deployment is not None
        words = f"{action.do} {deployment.spec.version}"
        self._steps.append(words)
        self._show(words)
        spec = deployment.spec
        limit_s = spec.readiness.timeout_s + 60 if action.do is Do.START else spec.drain_s + 60
        outcome = await workflow.execute_activity_method(
            ReleaseActivities.act,
            ActionInput(action.do, deployment, self._input.target),
            **options.release_action(limit_s, words),
        )
        self._address = outcome.address or self._address
        return outcome

    async def _back(
        self, new: Deployment, previous: Deployment | None, done: list[Action], verdict: ReleaseVerdict, why: str
    ) -> tuple[Deployment | None, ReleaseResult]:
        actions: Iterator[Action] = rollback(new.instance, previous.instance if previous else "", done)
        for action in actions:
            try:
                outcome = await self._act(action, new, previous)
            except ActivityError as broken:
                outcome = ActionResult(False, _cause(broken))
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
        previous = self._granted.previous if self._granted else None
        return ReleaseResult(
            verdict,
            self._input.deployment.spec.version,
            previous.spec.version if previous else "",
            live.spec.version if live else "",
            reason,
            self._address,
            tuple(self._steps),
            round(workflow.time() - self._began, 3),
        )

    @workflow.signal(description="The environment's lock is ours")
    def granted(self, grant: Granted) -> None:
        self._granted = grant

    @workflow.update(description="Stop this release and bring the version before back")
    def abort(self, reason: str) -> str:
        self._abort = self._abort or reason or "aborted"
        return self._abort

    @workflow.signal(name="abort", description="Stop this release and bring the version before back")
    def abort_by_signal(self, reason: str = "") -> None:
        self._abort = self._abort or str(reason or "aborted by signal")

    async def _record(self, record: ReleaseRecord) -> None:
        await workflow.execute_activity_method(ReleaseActivities.record, record, **options.short("record"))

    def _show(self, words: str, waiting: str = "") -> None:
        new = self._input.deployment
        lines = [
            f"### {new.service} {new.spec.version} to {new.environment}",
            "",
            f"**{words}**",
            "",
            f"strategy {new.spec.strategy}, for {self._input.run}",
            "",
            *(f"{number}. {step}" for number, step in enumerate(self._steps, 1)),
        ]
        workflow.set_current_details("\n".join(lines))
        if waiting:
            workflow.upsert_search_attributes([attributes.WAITING_FOR.value_set(waiting)])
        elif len(self._steps) == 1 and not self._address:
            workflow.upsert_search_attributes([attributes.WAITING_FOR.value_unset()])


def _cause(failed: BaseException) -> str:
    cause = failed.__cause__ or failed
    return str(cause)[:500]
