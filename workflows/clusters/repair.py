"""Automatic repair as the cluster's workflow sees it: a child that is turned on and off, and handed on.

A child ends with the execution that has started it, also where that continues as new. So the child is asked to end
before, and the next execution starts it again with all that it knew: what it did within the hour still counts.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from temporalio import workflow
from temporalio.exceptions import ApplicationError, ChildWorkflowError, WorkflowAlreadyStartedError
from temporalio.workflow import ChildWorkflowCancellationType, ChildWorkflowHandle, ParentClosePolicy

from domain.clusters.access import Access
from domain.clusters.remediation import RepairPolicy
from domain.core import ids as keys
from workflows.clusters.messages import ClusterState
from workflows.clusters.remediation_messages import HealState
from workflows.core.failures import cause_of, leave_alone

LOST = "automatic repair is off: its workflow has ended, and its policy is not known; turn it on again"
ENDED_IS_STARTED = "ended-repair-is-started"
"""In histories from before this patch, who changed a repair that had ended was refused."""
OVER_IS_TOLD = "ended-repair-is-told"
_Child = ChildWorkflowHandle[object, HealState]


class ClusterRepair:
    """Of one cluster."""

    def __init__(self, state: ClusterState, note: Callable[[str], None]) -> None:
        self._state, self._note = state, note
        self._child: _Child | None = None
        self._policy = state.healing.policy if state.healing else None
        """The last that was set; None: none was set in this execution."""
        self._ending = False
        """The child was asked to end, because the cluster continues as new."""

    async def change(self, policy: RepairPolicy | None) -> str:
        """Turns it on, changes its policy, or turns it off (no policy)."""
        if self._state.healing is not None:
            await workflow.wait_condition(lambda: self._state.healing is None)
        name, self._policy = self._state.spec.name, policy
        known = workflow.get_external_workflow_handle(keys.heal_id(name))
        if policy is None:
            if self._state.guarded and not self._ending:
                await _reached(known.cancel())
            self._state.guarded = False
            return f"automatic repair of {name} is off"
        if self._ending:
            self._state.guarded = True  # the next execution starts it, with this policy
        elif not self._state.guarded or not await _reached(known.signal("set_policy", policy)):
            self._state.guarded = True  # set before the first await, so two requests start one child
            access = Access(self._state.reference, self._state.spec.context)
            try:
                await self._start(HealState(cluster=name, access=access, policy=policy))
            except WorkflowAlreadyStartedError:  # the one before has not ended yet
                self._state.guarded = not workflow.patched(ENDED_IS_STARTED)
                raise
        return f"automatic repair of {name} is on ({keys.heal_id(name)})"

    async def _start(self, state: HealState) -> None:
        id_ = keys.heal_id(state.cluster)
        self._child = await workflow.start_child_workflow(
            "Heal",
            state,
            id=id_,
            result_type=HealState,
            parent_close_policy=ParentClosePolicy.REQUEST_CANCEL,
            cancellation_type=ChildWorkflowCancellationType.ABANDON,
            static_summary=f"automatic repair of cluster {state.cluster}",
        )
        leave_alone(self._child)
        self._child.add_done_callback(self._over)

    def _over(self, child: asyncio.Task[HealState]) -> None:
        """Nobody has turned it off: whoever looks at the cluster must not read that it is on."""
        asked_to_end = self._ending or self._policy is None or not self._state.guarded
        if child is not self._child or child.cancelled() or asked_to_end or not workflow.patched(OVER_IS_TOLD):
            return
        self._state.guarded = False
        failed = child.exception()
        self._note(f"automatic repair has ended: {cause_of(failed) if failed else 'it was handed on'}"[:600])

    async def resume(self) -> None:
        """At the begin of an execution: it goes on as the execution before has left it."""
        if self._state.healing is None:
            return
        with contextlib.suppress(WorkflowAlreadyStartedError):
            await self._start(self._state.healing)
        self._state.healing = None

    async def hand_on(self, is_called_off: Callable[[], bool]) -> bool:
        """Before the cluster continues as new: ends the child, and keeps what it knew for the next execution.

        Returns:
            Whether nothing is left to end; False: `is_called_off` became true before.
        """
        if self._state.guarded and self._child is None:
            self._state.guarded = False
            self._note(LOST)
        if self._child is None:
            return True
        if not self._ending and not self._child.done():
            self._ending = True
            with contextlib.suppress(ApplicationError):  # it has ended meanwhile
                await self._child.signal("hand_on")
        child = self._child
        await workflow.wait_condition(lambda: child.done() or is_called_off())
        return child.done()

    def left(self) -> HealState | None:
        """What the next execution goes on with; None: repair is off."""
        if not self._state.guarded or self._child is None:
            return None
        try:
            found = self._child.result()
        except ChildWorkflowError:  # it was terminated, or has failed: it begins again
            access = Access(self._state.reference, self._state.spec.context)
            found = HealState(cluster=self._state.spec.name, access=access)
        found.policy = self._policy or found.policy
        return found


async def _reached(call: Awaitable[None]) -> bool:
    """Whether the child was there to hear it."""
    try:
        await call
    except ApplicationError:
        if not workflow.patched(ENDED_IS_STARTED):
            raise
        return False
    return True
