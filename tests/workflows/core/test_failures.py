"""A cancel is told from a failure, however Temporal wraps it."""

from __future__ import annotations

import asyncio

import pytest
from temporalio.exceptions import ActivityError, ApplicationError, CancelledError, RetryState

from workflows.core.failures import cause_of, reraise_cancelled


def _failed(cause: BaseException) -> ActivityError:
    failed = ActivityError(
        "Activity task failed",
        scheduled_event_id=1,
        started_event_id=2,
        identity="",
        activity_type="act",
        activity_id="1",
        retry_state=RetryState.NON_RETRYABLE_FAILURE,
    )
    failed.__cause__ = cause
    return failed


@pytest.mark.parametrize("stopped", [_failed(CancelledError("cancelled")), asyncio.CancelledError()])
def test_a_cancelled_call_goes_up_as_asyncio_calls_it(stopped: BaseException) -> None:
    with pytest.raises(asyncio.CancelledError) as raised:
        reraise_cancelled(stopped)
    assert raised.value.__cause__ is stopped


def test_a_failed_call_is_left_to_its_caller() -> None:
    reraise_cancelled(_failed(ApplicationError("the disk is full", type="SLW812")))


def test_the_cause_is_told_without_its_wrapper() -> None:
    cause = ApplicationError("the disk is full", type="SLW812")
    assert cause_of(_failed(cause)) is cause


def test_what_has_no_cause_is_its_own() -> None:
    alone = ApplicationError("the disk is full")
    assert cause_of(alone) is alone
