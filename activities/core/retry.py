"""Waiting for a store that is full or away: in an activity, whose heartbeat says what is awaited."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

from temporalio import activity

from activities.core.cancellation import Stop, in_thread
from activities.storage.port import PASSING
from domain.core.errors import SluicewayError

PATIENCE_S = 600.0
BACKOFF_S = 0.5
MAX_BACKOFF_S = 15.0
T = TypeVar("T")


async def patiently(call: Callable[[], T], limit_s: float = 0, stop: Stop | None = None) -> T:
    """Calls in a thread, and again while the store is full or away. The heartbeat of the activity says what is awaited.

    Raises:
        SluicewayError: it was not better in time, or will not be.
    """
    deadline, pause = time.monotonic() + (limit_s or PATIENCE_S), BACKOFF_S
    while True:
        try:
            return await in_thread(call, stop)
        except SluicewayError as broken:
            if broken.code not in PASSING or time.monotonic() > deadline:
                raise
            until = time.monotonic() + pause
            while time.monotonic() < until:
                activity.heartbeat(f"waits for the store: {broken.what}")
                await asyncio.sleep(min(BACKOFF_S, max(until - time.monotonic(), 0)))
            pause = min(pause * 2, MAX_BACKOFF_S)
