"""`cluster/NAME`: one cluster for its whole life. Created phase by phase, undone in reverse."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

from activities.clusters.port import ClusterActivities
from activities.core.port import WorkflowStatusActivities
from domain.clusters import lifecycle as life
from domain.clusters import plan
from domain.clusters.lifecycle import Operation, Status
from workflows.clusters.inventory import ClusterInventory
from workflows.clusters.messages import ClusterChange, ClusterState, Guard
from workflows.clusters.phases import Phases, StoppedError
from workflows.clusters.progress import ClusterProgress
from workflows.clusters.repair import ClusterRepair
from workflows.core import activity_options as options
from workflows.core.failures import cause_of, ended_badly, reraise_cancelled

HEALTH_CHECK_INTERVAL = timedelta(minutes=5)
"""Interval of health checks when nothing else happens."""


@workflow.defn(name="Cluster")
class ClusterWorkflow:
    """One cluster, from creation to deletion; one operation at a time."""

    @workflow.init
    def __init__(self, state: ClusterState) -> None:
        self._state = state
        self._progress = ClusterProgress(state)
        self._phases = Phases(self._progress)
        self._inventory = ClusterInventory(state)
        self._repair = ClusterRepair(state, self._progress.note)

    @workflow.run
    async def run(self, state: ClusterState) -> ClusterState:
        """The final state: deleted, or failed. A cancel deletes the cluster first."""
        if state.status is Status.REQUESTED:
            self._state.wanted = self._state.wanted or Operation.CREATE
        self._inventory.tell()
        try:
            await self._live()
        except asyncio.CancelledError:
            self._state.wanted = Operation.DELETE
            await asyncio.shield(self._delete())
        await workflow.wait_condition(workflow.all_handlers_finished)
        await asyncio.shield(self._inventory.end())
        if self._state.status is Status.FAILED:
            return ended_badly("Cluster", str(Status.FAILED), self._progress.why, self._state)
        return self._state

    async def _live(self) -> None:
        await self._repair.resume()
        while self._state.status not in (Status.DELETED, Status.FAILED):
            if self._state.wanted:
                await self._carry_out()
            elif self._must_continue():
                await self._continue()
            elif self._inventory.is_due:
                await self._inventory.begin()
            else:
                await self._wait()

    async def _continue(self) -> None:
        """Unless an operation is requested meanwhile: it comes first."""
        await workflow.wait_condition(workflow.all_handlers_finished)
        if not await self._repair.hand_on(lambda: self._state.wanted is not None):
            return
        await workflow.wait_condition(workflow.all_handlers_finished)
        if self._state.wanted is None:
            self._state.healing = self._repair.left()
            self._state.inventory = True
            workflow.continue_as_new(self._state)

    def _must_continue(self) -> bool:
        return workflow.info().is_continue_as_new_suggested()

    async def _wait(self) -> None:
        try:
            await workflow.wait_condition(self._is_woken, timeout=HEALTH_CHECK_INTERVAL)
        except TimeoutError:
            await self._look()
            if self._state.owner and not await self._owned():
                self._state.wanted = Operation.DELETE
                self._progress.note(f"{self._state.owner} has ended, so the cluster is deleted")

    def _is_woken(self) -> bool:
        return self._state.wanted is not None or self._inventory.is_due

    async def _owned(self) -> bool:
        """Whether the owning run is still open; it deletes its clusters itself, unless it was terminated."""
        return await workflow.execute_activity_method(
            WorkflowStatusActivities.is_open,
            self._state.owner,
            **options.quick(f"check whether {self._state.owner} runs"),
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
        self._progress.enter(life.UNDER_WAY[operation], f"{operation} begins")
        try:
            for phase in await self._phases.planned(operation):
                await self._phases.run(phase)
            self._state.blocker = None
            await self._look()
            self._progress.enter(Status.READY, f"{operation} is done")
        except StoppedError:
            await self._after_failure(operation)

    async def _after_failure(self, operation: Operation) -> None:
        if self._state.wanted is Operation.DELETE:
            return
        status = life.after_failure(operation)
        self._progress.enter(status, f"{operation} stopped: {self._progress.why}")
        if status is Status.COMPENSATING:
            blocker = self._state.blocker
            await self._phases.undo()
            self._state.blocker = blocker
            self._progress.enter(Status.FAILED, f"nothing is left; it failed because {self._progress.why}")

    async def _delete(self) -> None:
        self._state.wanted = None
        self._progress.enter(Status.DELETING, "delete begins")
        await self._phases.undo()
        self._state.blocker = None
        self._progress.enter(Status.DELETED, life.ending(self._state.spec))

    async def _look(self) -> None:
        try:
            found = await workflow.execute_activity_method(
                ClusterActivities.health, self._state.spec, **options.image_pull("check the health of the cluster")
            )
            self._progress.look(found)
            self._state.reference = await workflow.execute_local_activity_method(
                ClusterActivities.reference, self._state.spec, **options.LOCAL
            )
        except ActivityError as failed:
            reraise_cancelled(failed)
            self._state.health = replace(self._state.health, trouble=str(cause_of(failed))[:300])
        drifted = life.mends_drift(self._state.status, self._state.guarded, self._state.health.drift)
        if drifted and not self._state.wanted:
            self._state.wanted = Operation.HEAL
            self._progress.note(drifted)
        self._progress.show()

    # -- messages and queries -------------------------------------------------------------------------------------

    @workflow.update(description="Create, change, repair or delete the cluster; returns at once")
    def change(self, change: ClusterChange) -> str:
        """Requests an operation and answers at once; a delete replaces any requested operation.

        Raises:
            ApplicationError: SLW948, another operation is requested or in progress, or the spec must not change so;
                SLW977, a repair of a cluster that dials out.
        """
        self._state.wanted, self._state.wanted_spec = change.operation, change.spec
        self._progress.note(f"{change.operation} was requested{f': {change.reason}' if change.reason else ''}"[:300])
        return f"{change.operation} of {self._state.spec.name} is in progress"

    @change.validator
    def _may_change(self, change: ClusterChange) -> None:
        if change.operation is Operation.HEAL:
            self._repaired_from_here()
        refused = [life.refusal(self._state.status, change.operation)]
        if self._state.wanted and change.operation is not Operation.DELETE:
            refused.append(f"{self._state.wanted} is already requested")
        if self._state.status in life.UNDER_WAY.values() and change.operation is not Operation.DELETE:
            refused.append(f"the cluster is {self._state.status}")
        if change.spec:
            refused += plan.refusals(self._state.spec, change.spec)
        words = [one for one in refused if one]
        if words:
            raise ApplicationError(f"{self._state.spec.name}: {words[0]}", type="SLW948", non_retryable=True)

    @workflow.update(description="Enable or disable automatic repair, or change its policy")
    async def guard(self, guard: Guard) -> str:
        """Turns automatic repair on (a child workflow), changes its policy, or turns it off (no policy).

        Raises:
            ApplicationError: SLW948, the cluster cannot be reached.
        """
        return await self._repair.change(guard.policy)

    @guard.validator
    def _may_guard(self, guard: Guard) -> None:
        if guard.policy and not self._state.reference:
            raise ApplicationError(
                f"{self._state.spec.name} is {self._state.status}, and cannot be reached",
                type="SLW948",
                non_retryable=True,
            )
        if guard.policy:
            self._repaired_from_here()

    def _repaired_from_here(self) -> None:
        if self._state.spec.dials_out:
            what = f"cluster {self._state.spec.name} dials out: nothing is repaired in it from here"
            raise ApplicationError(what, type="SLW977", non_retryable=True)

    @workflow.signal(description="Repair what differs from the spec, once nothing else is in progress")
    def mend(self, reason: str) -> None:
        """Corrects drift, for automatic repair. Does nothing while another operation is requested or not allowed."""
        if self._state.wanted or life.refusal(self._state.status, Operation.HEAL):
            return  # the operation under way applies the spec, or deletes the cluster
        self._state.wanted = Operation.HEAL
        self._progress.note(f"repair was requested: {reason}"[:300])

    @workflow.signal(description="Keep its inventory: watch everything in it")
    def observe(self) -> None:
        """Sent by workers where nothing watches: to a cluster of before inventories, or whose watch was ended."""
        self._state.inventory, self._state.watched = True, False
        self._inventory.tell()

    @workflow.signal(description="Resize pools, unless another change is in progress")
    def resize(self, counts: dict[str, int], reason: str) -> None:
        """Resizes pools (name to number of nodes); called by automatic scaling. Only a ready cluster is resized."""
        if self._state.wanted or self._state.status is not Status.READY:
            return  # the caller retries
        pools = tuple(replace(one, count=counts.get(one.name, one.count)) for one in self._state.spec.pools)
        if pools != self._state.spec.pools:
            self._state.wanted = Operation.UPDATE
            self._state.wanted_spec = replace(self._state.spec, pools=pools)
            self._progress.note(f"update was requested: {reason}"[:300])

    @workflow.query(description="Its spec, status, phase, health, and what it waits for")
    def view(self) -> ClusterState:
        """The state that continue-as-new carries over."""
        return self._state
