"""What a failed call of a workflow was about: a cancel goes up as one, anything else is told by its cause."""

from __future__ import annotations

import asyncio

from temporalio.exceptions import is_cancelled_exception


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
