"""The phases of a cluster: one activity each, forwards to create or update, backwards to delete."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from datetime import timedelta
from typing import TypeVar

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.clusters.port import ClusterActivities, PhaseInput
from domain.clusters import lifecycle as life
from domain.clusters.lifecycle import Operation, Status
from domain.clusters.plan import Phase
from workflows.clusters.progress import ClusterProgress
from workflows.core import activity_options as options
from workflows.core.failures import cause_of, reraise_cancelled, was_cancelled

PHASE_LIMIT_S = 600
T = TypeVar("T")


class StoppedError(Exception):
    """The operation stops; the blocker has the reason."""


class Phases:
    """Runs the phases of an operation, one activity each, and records the progress in the state."""

    def __init__(self, progress: ClusterProgress) -> None:
        self._progress, self._state = progress, progress.state

    async def planned(self, operation: Operation) -> tuple[Phase, ...]:
        """The phases of an operation, in order; of an update, only those with changes.

        Raises:
            StoppedError: the existing objects could not be read; the blocker has the reason.
        """
        if operation is not Operation.UPDATE:
            return life.forwards(operation)
        found = await self._or_stop(
            Phase.PREFLIGHT,
            workflow.execute_activity_method(
                ClusterActivities.differences, self._state.spec, **options.image_pull("compare with the spec")
            ),
        )
        return life.forwards(operation, found.changes)

    async def run(self, phase: Phase) -> None:
        """Runs one phase to its end.

        Raises:
            StoppedError: it cannot continue; the blocker has the reason.
        """
        self._state.phase = phase
        if phase not in self._state.begun:
            self._state.begun.append(phase)
        self._progress.enter(self._state.status)
        done = await self._or_stop(
            phase,
            workflow.execute_activity_method(
                ClusterActivities.phase,
                PhaseInput(self._state.spec, phase, PHASE_LIMIT_S),
                **options.cluster(PHASE_LIMIT_S, f"{self._state.operation}: {phase}"),
            ),
        )
        if done.blocker:
            self._progress.block(phase, "provider", done.blocker)
            raise StoppedError
        self._progress.note(f"{phase} took {done.seconds:.1f} s")

    async def _or_stop(self, phase: Phase, call: Awaitable[T]) -> T:
        """The call's result; a requested deletion cancels the call at once."""
        task = asyncio.ensure_future(call)
        await workflow.wait_condition(lambda: task.done() or self._state.wanted is Operation.DELETE)
        if not task.done():
            task.cancel()
        try:
            return await task
        except ActivityError as failed:
            if was_cancelled(failed):
                raise StoppedError from failed
            self._progress.block(phase, "provider", str(cause_of(failed))[:600])
            raise StoppedError from failed

    async def undo(self) -> None:
        """Undoes started phases in reverse order, retrying each until it succeeds."""
        undone = life.backwards(self._state.begun)
        for phase in undone:
            self._state.phase = phase
            while not await self._undone(phase):
                await self._pause()
            self._state.begun.remove(phase)
            self._progress.enter(self._state.status)
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
            self._progress.block(phase, "provider", str(cause_of(failed))[:600])
            self._progress.enter(Status.STUCK, f"undoing {phase} failed: {self._progress.why}")
            return False
        self._state.status = Status.DELETING if under_way is Status.STUCK else under_way
        return True

    async def _nothing_left(self) -> bool:
        try:
            left = await workflow.execute_activity_method(
                ClusterActivities.leftovers, self._state.spec, **options.image_pull("look for leftovers")
            )
        except ActivityError as failed:
            reraise_cancelled(failed)
            left = [f"they could not be listed: {cause_of(failed)}"]
        if left:
            self._progress.block(
                Phase.VERIFICATION, "provider", f"left over ({len(left)}): {', '.join(left[:5])}"[:600]
            )
            self._progress.enter(Status.STUCK, self._progress.why)
        return not left

    async def _pause(self) -> None:
        """Waits for the next try; a repeated delete request ends the wait."""
        tries = self._state.blocker.tries if self._state.blocker else 1
        try:
            await workflow.wait_condition(
                lambda: self._state.wanted is Operation.DELETE, timeout=timedelta(seconds=life.again_s(tries))
            )
        except TimeoutError:
            return
        self._state.wanted = None
