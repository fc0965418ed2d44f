"""`request/CLUSTER/N`: people are asked, the cluster's own workflow does it, and what has an end is taken back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ApplicationError, ChildWorkflowError
from temporalio.workflow import ParentClosePolicy

from activities.clusters.port import (
    ProvisionActivities,
    RequestActivities,
    RequestRecord,
    RequestStep,
    RequestTold,
)
from activities.runs.port import ScopeActivities, ScopeQuestion
from domain.approvals.request import Outcome
from domain.approvals.spec import ApprovalSpec
from domain.clusters import requests
from domain.clusters.lifecycle import Status, again_s
from domain.clusters.requests import STEP, RequestStatus
from domain.core import ids
from workflows.approvals.approval import ApprovalWorkflow
from workflows.approvals.messages import ApprovalInput, ApprovalResult
from workflows.clusters.request_details import details
from workflows.clusters.request_messages import Ending, RequestInput, RequestState, Stop
from workflows.core import activity_options as options
from workflows.core import search_attributes as attributes
from workflows.core.failures import ended_badly, ended_cancelled, outcome_of

MOST_TOLD = 40
APPLIED_WITHIN_S = 6 * 3_600.0
"""How long a cluster may be busy with something else before a request fails."""
LONGEST_PAUSE_S = 60.0
OUTCOMES = {
    Outcome.GRANTED: RequestStatus.APPLYING,
    Outcome.REFUSED: RequestStatus.REJECTED,
    Outcome.EXPIRED: RequestStatus.EXPIRED,
}
GOOD = (RequestStatus.APPLIED, RequestStatus.ENDED)


@workflow.defn(name="Request")
class RequestWorkflow:
    """One request, until it is decided and done; one with an end, until it is taken back."""

    @workflow.init
    def __init__(self, input: RequestInput) -> None:
        self._input = input
        self._state = input.ending.state if input.ending else RequestState(input.asked)
        self._expires_s = input.expires_s
        self._asked_cluster = False

    @workflow.run
    async def run(self, input: RequestInput) -> RequestState:
        """A cancel withdraws it, or takes it back first."""
        life = asyncio.ensure_future(self._life())
        try:
            await asyncio.shield(life)
        except asyncio.CancelledError:
            self._state.stop = self._state.stop or "cancelled in Temporal"
            await asyncio.shield(life)
            return await ended_cancelled(self._state, is_new=True)
        await workflow.wait_condition(workflow.all_handlers_finished)
        if self._state.status in GOOD:
            return self._state
        return ended_badly("Request", str(self._state.status), self._state.why, self._state, is_new=True)

    async def _life(self) -> None:
        if self._input.ending:
            await self._end(self._input.ending)
            return
        await self._open()
        if await self._agreed():
            await self._carry_out()

    async def _carry_out(self) -> None:
        await self._enter(
            RequestStatus.APPLYING, f"the cluster does it: approved by {', '.join(self._state.approvers)}"
        )
        why = await self._done()
        if self._state.stop or why:
            status = RequestStatus.CANCELLED if self._state.stop else RequestStatus.FAILED
            await self._take_back(status, self._state.stop or why)
        elif not self._state.asked.until:
            await self._enter(RequestStatus.APPLIED, "the cluster has it")
        else:
            await self._enter(RequestStatus.ACTIVE, "in force until its time")
            await self._until_its_time()
            await self._take_back(RequestStatus.ENDED, self._state.stop or "its time is over")

    async def _open(self) -> None:
        asked = self._state.asked
        scope = requests.scope_of(workflow.info().workflow_id, asked)
        self._state.scope = await workflow.execute_local_activity_method(
            ScopeActivities.keep_scope, ScopeQuestion(scope=scope), **options.STORED
        )
        await self._enter(RequestStatus.WAITING, f"{asked.requester} asks: {asked.reason}")

    # -- people -----------------------------------------------------------------------------------------------------

    async def _agreed(self) -> bool:
        """Waits for people. A withdrawal ends their approval."""
        asking = asyncio.ensure_future(self._ask())
        await workflow.wait_condition(lambda: asking.done() or bool(self._state.stop))
        if not asking.done():
            asking.cancel()
        try:
            found = await asking
        except (ChildWorkflowError, asyncio.CancelledError) as ended:
            why = self._state.stop or f"nobody can be asked: {ended}"
            status = RequestStatus.CANCELLED if self._state.stop else RequestStatus.FAILED
            await self._enter(status, why)
            return False
        status = OUTCOMES[Outcome(found.outcome)]
        self._state.approvers = found.approvers
        if status is not RequestStatus.APPLYING:
            await self._enter(status, found.reason)
        return status is RequestStatus.APPLYING

    async def _ask(self) -> ApprovalResult:
        asked, me = self._state.asked, workflow.info().workflow_id
        id_ = ids.approval_id(me, STEP)
        child = workflow.execute_child_workflow(
            ApprovalWorkflow.run,
            ApprovalInput(
                run=me,
                pipeline="",
                job=STEP,
                spec=ApprovalSpec(expires_s=self._expires_s, message=f"{asked.requester}: {asked.reason}"),
                environment=asked.environment,
                people=requests.people(asked),
                scope=self._state.scope,
                cluster=asked.cluster,
            ),
            id=id_,
            parent_close_policy=ParentClosePolicy.REQUEST_CANCEL,
            static_summary=f"{requests.subject_of(asked)} in {asked.cluster}",
            static_details=ids.console_link(id_),
            search_attributes=attributes.typed(
                cluster=asked.cluster, namespace=asked.namespace, environment=asked.environment, status="waiting"
            ),
        )
        return await outcome_of(child, ApprovalResult)

    # -- the cluster ------------------------------------------------------------------------------------------------

    async def _done(self) -> str:
        """Why the cluster has not done it; empty: it has."""
        began, attempt = workflow.time(), 0
        while True:
            attempt += 1
            why = await self._step(attempt, back=False)
            if not why.reason or not why.busy:
                return why.reason
            if workflow.time() - began > APPLIED_WITHIN_S:
                return f"{why.reason}, for {APPLIED_WITHIN_S / 3600:g} hours"
            await self._wait_for(why.reason, attempt, lambda: bool(self._state.stop))
            if self._state.stop:
                return self._state.stop

    async def _end(self, ending: Ending) -> None:
        """Tries until the cluster has taken it back, however long that is."""
        while why := (await self._step(ending.attempts + 1, back=True)).reason:
            ending = replace(ending, attempts=ending.attempts + 1)
            await self._wait_for(why, ending.attempts, lambda: False)
            if self._must_continue():
                await workflow.wait_condition(workflow.all_handlers_finished)
                workflow.continue_as_new(replace(self._input, ending=replace(ending, state=self._state)))
        await self._enter(ending.status, ending.why)

    def _must_continue(self) -> bool:
        return workflow.info().is_continue_as_new_suggested()

    async def _step(self, attempt: int, *, back: bool) -> _Why:
        step = RequestStep(id=workflow.info().workflow_id, asked=self._state.asked, back=back, attempt=attempt)
        what = "take it back" if back else "do it"
        done = await workflow.execute_activity_method(
            RequestActivities.ask, step, **options.write_record(f"ask the cluster to {what}")
        )
        if done.gone:
            return _Why("" if back else done.refusal)
        self._asked_cluster = self._asked_cluster or done.done
        if done.done:
            return _Why(done.refusal, busy=done.busy)
        if done.refusal or done.nothing:
            return _Why(done.refusal, busy=done.busy)
        self._asked_cluster = True
        settled = await workflow.execute_activity_method(
            ProvisionActivities.settle,
            self._state.asked.cluster,
            **options.wait_for_cluster(f"wait until the cluster has {'taken it back' if back else 'done it'}"),
        )
        if settled.status is Status.READY or (back and settled.status in (Status.DELETED, Status.FAILED)):
            return _Why("")
        return _Why(f"the cluster is {settled.status}: {settled.reason}"[:600])

    async def _take_back(self, status: RequestStatus, why: str) -> None:
        if self._asked_cluster or self._state.status is RequestStatus.ACTIVE:
            await self._enter(RequestStatus.ENDING, f"it is taken back: {why}")
            await self._end(Ending(self._state, status, why, 0))
            return
        await self._enter(status, why)

    async def _until_its_time(self) -> None:
        left_s = max(0.0, self._state.asked.until - workflow.time())
        await self._pause(left_s, lambda: bool(self._state.stop), "its time is over")

    async def _wait_for(self, why: str, attempt: int, over: Callable[[], bool]) -> None:
        if why != self._state.why:
            await self._enter(self._state.status, why)
        await self._pause(again_s(attempt, 1.0, LONGEST_PAUSE_S), over, "the cluster is asked again")

    async def _pause(self, seconds: float, over: Callable[[], bool], summary: str) -> None:
        try:
            await workflow.wait_condition(over, timeout=timedelta(seconds=seconds), timeout_summary=summary)
        except TimeoutError:
            return

    # -- what people see --------------------------------------------------------------------------------------------

    async def _enter(self, status: RequestStatus, why: str) -> None:
        state = self._state
        state.status, state.why = status, why[:600]
        state.story.append(RequestTold(workflow.time(), state.why))
        del state.story[:-MOST_TOLD]
        workflow.set_current_details(details(state))
        waits = why if status in requests.OPEN else "-"
        workflow.upsert_search_attributes(
            [attributes.STATUS.value_set(str(status)), attributes.WAITING_FOR.value_set(waits[:200])]
        )
        told = RequestRecord(
            id=workflow.info().workflow_id,
            status=status,
            at=workflow.time(),
            why=state.why,
            scope=state.scope,
            story=tuple(state.story),
        )
        await workflow.execute_activity_method(
            RequestActivities.record, told, **options.write_record(f"record that it is {status}")
        )

    @workflow.update(description="Withdraw the request, or end what it opened before its time")
    def stop(self, said: Stop) -> str:
        """Returns at once, with what happens now.

        Raises:
            ApplicationError: SLW973, there is nothing to withdraw or end.
        """
        self._state.stop = f"{said.by[:100]}: {said.reason[:400]}" if said.reason else f"{said.by[:100]} ended it"
        return "it is withdrawn" if self._state.status is RequestStatus.WAITING else "it is taken back"

    @stop.validator
    def _may_stop(self, said: Stop) -> None:
        open_ = (RequestStatus.WAITING, RequestStatus.APPLYING, RequestStatus.ACTIVE)
        if self._state.status not in open_ or self._state.stop:
            status = "ending" if self._state.stop else self._state.status
            raise ApplicationError(
                f"the request is {status}: there is nothing to end", type="SLW973", non_retryable=True
            )

    @workflow.query(description="How far it is, and what it waits for")
    def view(self) -> RequestState:
        """The state, with its story."""
        return self._state


class _Why:
    """Why a step was not done."""

    def __init__(self, reason: str, *, busy: bool = False) -> None:
        self.reason, self.busy = reason, busy
