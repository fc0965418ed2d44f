"""Heartbeats, which deliver cancellations and reveal dead workers; and cancellable work in threads."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from types import TracebackType
from typing import TypeVar

from temporalio import activity

INTERVAL_S = 0.5
PATIENCE_S = 5.0
T = TypeVar("T")


class Heartbeat:
    """Heartbeats while the body runs; none outside an activity, and none in a local one, which cannot send any.

    Each carries `details`, or the last report. Work shorter than `first_s` seconds sends none.
    """

    def __init__(
        self, details: Callable[[], str | int] | None = None, first_s: float = 0.0, every_s: float = INTERVAL_S
    ) -> None:
        self._progress = ""
        self._details, self._first_s, self._every_s = details or (lambda: self._progress), first_s, every_s

    def report(self, progress: str) -> None:
        """Sent with the next heartbeat."""
        self._progress = progress

    async def __aenter__(self) -> Heartbeat:
        beats = activity.in_activity() and not activity.info().is_local
        self._task = asyncio.create_task(self._beat()) if beats else None
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _beat(self) -> None:
        await asyncio.sleep(self._first_s)
        while True:
            activity.heartbeat(self._details())
            await asyncio.sleep(self._every_s)


class Stopped(Exception):  # noqa: N818  (it is not an error)
    """The work was asked to stop, and has stopped."""


class CancellationToken:
    """Shared by an activity and its thread: progress, and whether to continue."""

    def __init__(self) -> None:
        self._cancelled = threading.Event()
        self.progress = ""

    def report(self, progress: str) -> None:
        """Called by the work where it may stop.

        Raises:
            Stopped: it must stop.
        """
        if self._cancelled.is_set():
            raise Stopped
        self.progress = progress

    def cancel(self) -> None:
        """The thread notices at its next report."""
        self._cancelled.set()


async def run_blocking(call: Callable[[], T], token: CancellationToken | None = None) -> T:
    """The call's result. On a cancel, work with a token is awaited; other work is left to finish."""
    work = asyncio.ensure_future(asyncio.to_thread(call))
    try:
        async with Heartbeat(lambda: token.progress if token else "", INTERVAL_S):
            await asyncio.wait({work})
        return work.result()
    except asyncio.CancelledError:
        work.add_done_callback(lambda ended: ended.cancelled() or ended.exception())  # nobody awaits it any more
        if token is not None and not work.done():
            token.cancel()
            await asyncio.wait({work}, timeout=PATIENCE_S)
        raise
