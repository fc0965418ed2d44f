"""How a workflow ends for the eyes of people, and how whoever waits for it reads what it gave.

A run, release or approval that ended badly is Failed in Temporal, with its reason; its result travels in the details of
the failure. One that was cancelled is Canceled, and tells its result when it is asked (query `result`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from temporalio import workflow
from temporalio.exceptions import (
    ApplicationError,
    ApplicationErrorCategory,
    ChildWorkflowError,
    is_cancelled_exception,
)

from activities.core.port import WorkflowStatusActivities
from workflows.core import activity_options as options

CLOSED_AS_IT_ENDED = "closed-as-it-ended"
"""Histories from before this patch closed as Completed, whatever the outcome was."""
MAX_REASON = 1000
T = TypeVar("T")


def cause_of(failed: BaseException) -> BaseException:
    """What people want to read: the wrapper only says that an activity or a child workflow failed."""
    return failed.__cause__ or failed


def reraise_cancelled(failed: BaseException) -> None:
    """A cancelled call arrives wrapped in the error of the activity; callers wait for asyncio's.

    Raises:
        asyncio.CancelledError: the call was cancelled, rather than failed.
    """
    if is_cancelled_exception(failed):
        raise asyncio.CancelledError from failed


def ended_badly(what: str, outcome: str, reason: str, result: T) -> T:
    """Ends the workflow as Failed: `ended_badly("Run", "rolled-back", ...)` has the type RunRolledBack.

    Benign: it is not a fault of the worker, which neither counts nor logs it.

    Returns:
        The result, in a history from before this way of ending.

    Raises:
        ApplicationError: with the result in its details, for `outcome_of`.
    """
    if not workflow.patched(CLOSED_AS_IT_ENDED):
        return result
    kind = what + "".join(word.capitalize() for word in outcome.split("-"))
    raise ApplicationError(
        reason[:MAX_REASON], result, type=kind, non_retryable=True, category=ApplicationErrorCategory.BENIGN
    )


async def ended_cancelled(result: T) -> T:
    """Ends the workflow as Canceled, also when its own update or a signal cancelled it rather than Temporal's request.

    Only a workflow that was asked to cancel may end as Canceled, and none can ask itself: an activity asks for it.

    Returns:
        The result, in a history from before this way of ending.

    Raises:
        asyncio.CancelledError: which ends the workflow, when it is not caught.
    """
    if not workflow.patched(CLOSED_AS_IT_ENDED):
        return result
    if workflow.cancellation_reason() is None:
        await workflow.execute_activity_method(
            WorkflowStatusActivities.cancel, workflow.info().workflow_id, **options.write_record("close as cancelled")
        )
        await workflow.wait_condition(lambda: workflow.cancellation_reason() is not None)
    raise asyncio.CancelledError


async def outcome_of(child: Awaitable[T], kind: type[T]) -> T:
    """What a child workflow gave, whether it ended well or badly.

    Raises:
        ChildWorkflowError: it broke, was cancelled or terminated, and gave nothing.
    """
    try:
        return await child
    except ChildWorkflowError as failed:
        if not isinstance(failed.cause, ApplicationError) or not failed.cause.details:
            raise
        converter = workflow.payload_converter()
        result: T = converter.from_payload(converter.to_payload(failed.cause.details[0]), kind)
        return result


def leave_alone(child: asyncio.Task[T]) -> None:
    """Nobody waits for this child: how it ends is told by the child itself, and not by a warning in the log."""
    child.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
