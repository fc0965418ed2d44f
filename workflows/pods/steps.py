"""How a pod's workflow does its steps and waits, with as few events in its history as that needs."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Concatenate, TypeVar

from temporalio import workflow
from temporalio.exceptions import FailureError

from workflows.core import activity_options as options
from workflows.core.failures import reraise_cancelled

T = TypeVar("T")
SOONEST_S = 0.01
"""Timers of Temporal have a length."""


async def step(
    what: Callable[Concatenate[Any, ...], Awaitable[T]], args: Sequence[object], summary: str, *, is_local: bool
) -> T:
    """Its result. Local: within the workflow's task, which is one event for six.

    Only for steps that may be done twice: the task is repeated when its worker dies, or when a message crosses its end.
    A step that does not succeed at once becomes an activity, with patience, and seen in the Temporal UI.
    """
    if is_local:
        try:
            return await workflow.execute_local_activity_method(what, args=args, **options.at_once(summary))
        except FailureError as failed:  # the failure of a local activity is not wrapped
            task = asyncio.current_task()
            if task is not None and task.cancelling():  # else it took too long: that is told as a cancel, too
                reraise_cancelled(failed)
    return await workflow.execute_activity_method(what, args=args, **options.quick(summary))


class Alarm:
    """Waits with a limit that share a timer: none is cancelled, and another one starts only to ring earlier."""

    def __init__(self) -> None:
        self._next = math.inf
        """When the earliest timer rings, in workflow time."""
        self._rung = 0

    async def wait(self, is_so: Callable[[], bool], limit_s: float) -> bool:
        """Whether it became so within the limit, in seconds."""
        until = workflow.time() + max(limit_s, SOONEST_S)
        while not is_so() and workflow.time() < until:
            self._set(until)
            rung = self._rung
            await workflow.wait_condition(lambda: is_so() or self._rung != rung)  # noqa: B023
        return is_so()

    def _set(self, until: float) -> None:
        if until < self._next:
            self._next = until
            asyncio.get_running_loop().call_later(max(until - workflow.time(), SOONEST_S), self._ring, until)

    def _ring(self, at: float) -> None:
        """A timer that was overtaken by an earlier one wakes nobody."""
        self._rung += 1
        if at == self._next:
            self._next = math.inf
