"""`cluster/NAME`: one cluster for its whole life. Made phase by phase, undone backwards, and never half-forgotten."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception
from temporalio.workflow import ChildWorkflowCancellationType, ParentClosePolicy

from activities.clusters.port import ClusterActivities, PhaseInput
from activities.core.port import LivenessActivities
from domain.clusters import lifecycle as life
from domain.clusters import plan
from domain.clusters.access import Access
from domain.clusters.lifecycle import Blocker, Operation, Status
from domain.clusters.plan import Phase
from domain.core import ids as keys
from workflows.clusters import details as cluster_details
from workflows.clusters.messages import ClusterChange, ClusterState, Entry, Guard
from workflows.clusters.remediation_messages import HealState
from workflows.core import activity_options as options
from workflows.core import search_attributes as attributes
from workflows.core.failures import cause_of, ended_badly, leave_alone, reraise_cancelled

KEEP_ENTRIES = 50
PHASE_LIMIT_S = 600
LOOK = timedelta(minutes=5)
"""How often its health is asked for when nothing happens."""


class _StopError(Exception):
    """The operation ends here; the blocker says why."""


@workflow.defn(name="Cluster")
class ClusterWorkflow:
    @workflow.init
    def __init__(self, state: ClusterState) -> None:
        self._state = state
        self._shown = ""

    @workflow.run
    async def run(self, state: ClusterState) -> ClusterState:
        if state.status is Status.REQUESTED:
            self._state.wanted = self._state.wanted or Operation.CREATE
        try:
            await self._live()
        except asyncio.CancelledError:
            self._state.wanted = Operation.DELETE
            await asyncio.shield(self._delete())
        await workflow.wait_condition(workflow.all_handlers_finished)
        if self._state.status is Status.FAILED:
            return ended_badly("Cluster", str(Status.FAILED), self._why(), self._state)
        return self._state

    async def _live(self) -> None:
        while self._state.status not in (Status.DELETED, Status.FAILED):
            if self._state.wanted:
                await self._carry_out()
            elif workflow.info().is_continue_as_new_suggested():
                await workflow.wait_condition(workflow.all_handlers_finished)
                workflow.continue_as_new(self._state)
            else:
                await self._wait()

    async def _wait(self) -> None:
        try:
            await workflow.wait_condition(lambda: self._state.wanted is not None, timeout=LOOK)
        except TimeoutError:
            await self._look()
            if self._state.owner and not await self._owned():
                self._state.wanted = Operation.DELETE
                self._note(f"{self._state.owner} has ended, and the cluster goes with it")

    async def _owned(self) -> bool:
        """A run deletes its clusters itself; one that was terminated cannot."""
        return await workflow.execute_activity_method(
            LivenessActivities.is_open, self._state.owner, **options.short(f"is {self._state.owner} still there")
        )

    async def _carry_out(self) -> None:
        operation, spec = self._state.wanted, self._state.wanted_spec
        assert operation is not None
        self._state.wanted = self._state.wanted_spec = None
        self._state.operation = operation
        if operation is Operation.DELETE:
            await self._delete()
            return
        before = self._state.spec
        self._state.spec = spec or before
        self._enter(life.UNDER_WAY[operation], f"{operation} begins")
        try:
            for phase in await self._phases(operation):
                await self._phase(phase)
            self._state.blocker = None
            await self._look()
            self._enter(Status.READY, f"{operation} is done")
        except _StopError:
            await self._after_failure(operation)

    async def _phases(self, operation: Operation) -> tuple[Phase, ...]:
        if operation is not Operation.UPDATE:
            return life.forwards(operation)
        found = await self._or_stop(
            Phase.PREFLIGHT,
            workflow.execute_activity_method(
                ClusterActivities.differences, self._state.spec, **options.pulling("what is to be changed")
            ),
        )
        return life.forwards(operation, found.changes)

    async def _phase(self, phase: Phase) -> None:
        self._state.phase = phase
        if phase not in self._state.begun:
            self._state.begun.append(phase)
        self._enter(self._state.status)
        done = await self._or_stop(
            phase,
            workflow.execute_activity_method(
                ClusterActivities.phase,
                PhaseInput(self._state.spec, phase, PHASE_LIMIT_S),
                **options.cluster(PHASE_LIMIT_S, f"{self._state.operation}: {phase}"),
            ),
        )
        if done.blocker:
            self._block(phase, "provider", done.blocker)
            raise _StopError
        self._note(f"{phase} took {done.seconds:.1f} s")

    async def _or_stop(self, phase: Phase, call: Coroutine[Any, Any, Any]) -> Any:
        """The call's value; a wish to delete the cluster cancels it at once."""
        task = asyncio.ensure_future(call)
        await workflow.wait_condition(lambda: task.done() or self._state.wanted is Operation.DELETE)
        if not task.done():
            task.cancel()
        try:
            return await task
        except ActivityError as failed:
            if is_cancelled_exception(failed):
                raise _StopError from failed
            self._block(phase, "provider", str(cause_of(failed))[:600])
            raise _StopError from failed

    async def _after_failure(self, operation: Operation) -> None:
        if self._state.wanted is Operation.DELETE:
            return
        status = life.after_failure(operation)
        self._enter(status, f"{operation} stopped: {self._why()}")
        if status is Status.COMPENSATING:
            blocker = self._state.blocker
            await self._undo()
            self._state.blocker = blocker
            self._enter(Status.FAILED, f"nothing is left of it; it failed because {self._why()}")

    async def _delete(self) -> None:
        self._state.wanted = None
        self._enter(Status.DELETING, "delete begins")
        await self._undo()
        self._state.blocker = None
        self._enter(Status.DELETED, life.ending(self._state.spec))

    async def _undo(self) -> None:
        """Backwards through what was begun, each as often as it takes."""
        undone = life.backwards(self._state.begun)
        for phase in undone:
            self._state.phase = phase
            while not await self._undone(phase):
                await self._pause()
            self._state.begun.remove(phase)
            self._enter(self._state.status)
        while undone and not await self._nothing_left():
            await self._pause()

    async def _undone(self, phase: Phase) -> bool:
        under_way = self._state.status
        try:
            await workflow.execute_activity_method(
                ClusterActivities.undo,
                PhaseInput(self._state.spec, phase, PHASE_LIMIT_S),
                **options.cluster(PHASE_LIMIT_S, f"undo {phase}"),
            )
        except ActivityError as failed:
            reraise_cancelled(failed)
            self._block(phase, "provider", str(cause_of(failed))[:600])
            self._enter(Status.STUCK, f"undoing {phase} failed: {self._why()}")
            return False
        self._state.status = Status.DELETING if under_way is Status.STUCK else under_way
        return True

    async def _nothing_left(self) -> bool:
        try:
            left = await workflow.execute_activity_method(
                ClusterActivities.leftovers, self._state.spec, **options.pulling("is anything left of it")
            )
        except ActivityError as failed:
            reraise_cancelled(failed)
            left = [f"nobody could look: {cause_of(failed)}"]
        if left:
            self._block(Phase.VERIFICATION, "provider", f"{len(left)} things are left: {', '.join(left[:5])}"[:600])
            self._enter(Status.STUCK, self._why())
        return not left

    async def _pause(self) -> None:
        """Until the next try; a repeated wish to delete does not wait."""
        tries = self._state.blocker.tries if self._state.blocker else 1
        try:
            await workflow.wait_condition(
                lambda: self._state.wanted is Operation.DELETE, timeout=timedelta(seconds=life.again_s(tries))
            )
        except TimeoutError:
            return
        self._state.wanted = None

    async def _look(self) -> None:
        try:
            self._state.health = await workflow.execute_activity_method(
                ClusterActivities.health, self._state.spec, **options.pulling("how is the cluster")
            )
            self._state.reference = await workflow.execute_local_activity_method(
                ClusterActivities.reference, self._state.spec, **options.LOCAL
            )
        except ActivityError as failed:
            reraise_cancelled(failed)
            self._state.health = replace(self._state.health, trouble=str(cause_of(failed))[:300])
        drifted = life.mends_drift(self._state.status, self._state.guarded, self._state.health.drift)
        if drifted and not self._state.wanted:
            self._state.wanted = Operation.HEAL
            self._note(drifted)
        self._show()

    # -- what is said and seen -----------------------------------------------------------------------------------

    @workflow.update(description="Create, change, heal or delete the cluster; returns at once")
    def change(self, change: ClusterChange) -> str:
        self._state.wanted, self._state.wanted_spec = change.operation, change.spec
        self._note(f"{change.operation} was asked for{f': {change.reason}' if change.reason else ''}"[:300])
        return f"{change.operation} of {self._state.spec.name} is under way"

    @change.validator
    def _may_change(self, change: ClusterChange) -> None:
        refused = [life.refusal(self._state.status, change.operation)]
        if self._state.wanted and change.operation is not Operation.DELETE:
            refused.append(f"{self._state.wanted} was asked for already")
        if self._state.status in life.UNDER_WAY.values() and change.operation is not Operation.DELETE:
            refused.append(f"the cluster is {self._state.status}")
        if change.spec:
            refused += plan.refusals(self._state.spec, change.spec)
        words = [one for one in refused if one]
        if words:
            raise ApplicationError(f"{self._state.spec.name}: {words[0]}", type="SLW948", non_retryable=True)

    @workflow.update(description="Have somebody look after the cluster, by another policy, or not any more")
    async def guard(self, guard: Guard) -> str:
        name, policy = self._state.spec.name, guard.policy
        known = workflow.get_external_workflow_handle(keys.heal_id(name))
        if policy is None:
            if self._state.guarded:
                await known.cancel()
            self._state.guarded = False
            return f"nobody looks after {name} now"
        if self._state.guarded:
            await known.signal("set_policy", policy)
        else:
            self._state.guarded = True  # before anything is awaited: two who ask start one
            access = Access(self._state.reference, self._state.spec.context)
            healing = await workflow.start_child_workflow(
                "Heal",
                HealState(name, access, policy),
                id=keys.heal_id(name),
                parent_close_policy=ParentClosePolicy.REQUEST_CANCEL,
                cancellation_type=ChildWorkflowCancellationType.ABANDON,
                static_summary=f"looks after cluster {name}",
            )
            leave_alone(healing)
        return f"{keys.heal_id(name)} looks after it"

    @guard.validator
    def _may_guard(self, guard: Guard) -> None:
        if guard.policy and not self._state.reference:
            raise ApplicationError(
                f"{self._state.spec.name} is {self._state.status}, and cannot be reached",
                type="SLW948",
                non_retryable=True,
            )

    @workflow.signal(description="Mend what is not as it should be, once nothing else is under way")
    def mend(self, reason: str) -> None:
        if self._state.wanted or life.refusal(self._state.status, Operation.HEAL):
            return  # what is under way or wanted brings all to what the spec says, or the cluster goes
        self._state.wanted = Operation.HEAL
        self._note(f"heal was asked for: {reason}"[:300])

    @workflow.signal(description="Pools get other numbers of nodes, unless something else is under way")
    def resize(self, counts: dict[str, int], reason: str) -> None:
        if self._state.wanted or self._state.status is not Status.READY:
            return  # what asked for it looks again
        pools = tuple(replace(one, count=counts.get(one.name, one.count)) for one in self._state.spec.pools)
        if pools != self._state.spec.pools:
            self._state.wanted = Operation.UPDATE
            self._state.wanted_spec = replace(self._state.spec, pools=pools)
            self._note(f"update was asked for: {reason}"[:300])

    @workflow.query(description="Its spec, status, phase, health, and what it waits for")
    def view(self) -> ClusterState:
        return self._state

    def _why(self) -> str:
        return self._state.blocker.reason if self._state.blocker else "it was told to"

    def _block(self, phase: Phase, owner: str, reason: str) -> None:
        known = self._state.blocker
        again = known is not None and known.phase is phase
        since = known.since if known and again else workflow.time()
        self._state.blocker = Blocker(phase, owner, reason, since, known.tries + 1 if known and again else 1)

    def _enter(self, status: Status, words: str = "") -> None:
        if status is not self._state.status:
            self._state.since = workflow.time()
        self._state.status = status
        if words:
            self._note(words)
        self._show()

    def _note(self, words: str) -> None:
        self._state.log.append(Entry(workflow.time(), words[:600]))
        del self._state.log[:-KEEP_ENTRIES]

    def _show(self) -> None:
        workflow.set_current_details(cluster_details.text(self._state))
        waits = self._state.phase if self._state.status not in (Status.READY, Status.DELETED, Status.FAILED) else "-"
        seen = f"{self._state.status} {waits}"
        if seen != self._shown:  # each change of search attributes is an event of the history
            self._shown = seen
            workflow.upsert_search_attributes(
                [
                    attributes.CLUSTER.value_set(self._state.spec.name),
                    attributes.STATUS.value_set(str(self._state.status)),
                    attributes.WAITING_FOR.value_set(str(waits)),
                ]
            )
