"""Retries while the store is full or away, in an activity whose heartbeat shows the reason."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_delay, wait_exponential

from activities.core.cancellation import CancellationToken, Heartbeat, run_blocking
from domain.core.errors import SluicewayError, StoreUnavailableError

PATIENCE_S = 600.0
BACKOFF_S = 0.5
MAX_BACKOFF_S = 15.0
T = TypeVar("T")


async def retry_while_unavailable(
    call: Callable[[], T], limit_s: float = 0, token: CancellationToken | None = None
) -> T:
    """Calls in a thread, and retries while the store is full or away.

    Raises:
        SluicewayError: it did not recover in time, or cannot.
    """
    waiting = ""

    def note(tried: RetryCallState) -> None:
        nonlocal waiting
        failed = tried.outcome.exception() if tried.outcome else None
        waiting = f"waits for the store: {failed.what if isinstance(failed, SluicewayError) else failed}"

    async def pause(seconds: float) -> None:
        async with Heartbeat(lambda: waiting):
            await asyncio.sleep(seconds)

    retrying = AsyncRetrying(
        retry=retry_if_exception_type(StoreUnavailableError),
        stop=stop_after_delay(limit_s or PATIENCE_S),
        wait=wait_exponential(BACKOFF_S, MAX_BACKOFF_S),
        before_sleep=note,
        sleep=pause,
        reraise=True,
    )
    return await retrying(run_blocking, call, token)
