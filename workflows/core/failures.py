"""How workflows end in the Temporal UI, and how their parents read the result.

A run, release or approval that ended badly is Failed in Temporal, with its reason; its result is in the failure's
details. A cancelled one is Canceled, and its query `result` has the result.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from temporalio import workflow
from temporalio.exceptions import (
    ActivityError,
    ApplicationError,
    ApplicationErrorCategory,
    ChildWorkflowError,
    RetryState,
    is_cancelled_exception,
)

from activities.core.port import WorkflowStatusActivities
from workflows.core import activity_options as options

CLOSED_AS_IT_ENDED = "closed-as-it-ended"
"""Histories from before this patch ended as Completed, whatever the outcome."""
MAX_REASON = 1000
T = TypeVar("T")


def cause_of(failed: BaseException) -> BaseException:
    """The underlying error: the wrapper only says that an activity or a child workflow failed."""
    return failed.__cause__ or failed


def was_cancelled(failed: BaseException) -> bool:
    """Whether a call ended because its cancel was asked for.

    An activity whose worker is lost before it heard of that ends by its time limit, and is not tried again.
    """
    if isinstance(failed, ActivityError) and failed.retry_state is RetryState.CANCEL_REQUESTED:
        return True
    return is_cancelled_exception(failed)


def reraise_cancelled(failed: BaseException) -> None:
    """Re-raises a cancellation, which arrives wrapped in an activity error, as asyncio's own.

    Raises:
        asyncio.CancelledError: the call was cancelled, rather than failed.
    """
    if was_cancelled(failed):
        raise asyncio.CancelledError from failed


def ended_badly(what: str, outcome: str, reason: str, result: T, is_new: bool = False) -> T:
    """Ends the workflow as Failed: `ended_badly("Run", "rolled-back", ...)` has the type RunRolledBack.

    Benign: it is not an error of the worker, so the worker neither counts nor logs it. `is_new`: the history is known
    to be younger than the patch, which then costs no events.

    Returns:
        The result, in a history from before the patch.

    Raises:
        ApplicationError: with the result in its details, for `outcome_of`.
    """
    if not is_new and not workflow.patched(CLOSED_AS_IT_ENDED):
        return result
    kind = what + "".join(word.capitalize() for word in outcome.split("-"))
    raise ApplicationError(
        reason[:MAX_REASON], result, type=kind, non_retryable=True, category=ApplicationErrorCategory.BENIGN
    )


async def ended_cancelled(result: T, is_new: bool = False) -> T:
    """Ends the workflow as Canceled, also when an update or a signal cancelled it; `is_new` as for `ended_badly`.

    Temporal accepts this only after a cancel request, and a workflow cannot request its own: an activity does.

    Returns:
        The result, in a history from before the patch.

    Raises:
        asyncio.CancelledError: ends the workflow when it is not caught.
    """
    if not is_new and not workflow.patched(CLOSED_AS_IT_ENDED):
        return result
    if workflow.cancellation_reason() is None:
        await workflow.execute_activity_method(
            WorkflowStatusActivities.cancel, workflow.info().workflow_id, **options.write_record("close as cancelled")
        )
        await workflow.wait_condition(lambda: workflow.cancellation_reason() is not None)
    raise asyncio.CancelledError


async def outcome_of(child: Awaitable[T], kind: type[T]) -> T:
    """The result of a child workflow, whether it ended well or badly.

    Raises:
        ChildWorkflowError: it crashed, was cancelled or was terminated, and has no result.
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
    """Marks the child's result as retrieved: the child reports its failure itself, so asyncio should not warn."""
    child.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
