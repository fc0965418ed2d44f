"""Heartbeats, by which a cancel arrives and a dead worker is noticed; work in a thread that stops when it is told."""

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
    """Heartbeats of the activity while the body runs; outside an activity there are none.

    Each says what the work is at: what `details` answers, or what was reported last. Work that is shorter than
    `first_s` seconds beats not at all.
    """

    def __init__(self, details: Callable[[], str | int] | None = None, first_s: float = 0.0) -> None:
        self._progress = ""
        self._details, self._first_s = details or (lambda: self._progress), first_s

    def report(self, progress: str) -> None:
        """Said with the next beat; sends nothing by itself."""
        self._progress = progress

    async def __aenter__(self) -> Heartbeat:
        self._task = asyncio.create_task(self._beat()) if activity.in_activity() else None
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
            await asyncio.sleep(INTERVAL_S)


class Stopped(Exception):  # noqa: N818  (it is not an error)
    """The work was asked to stop, and has."""


class CancellationToken:
    """Between an activity and its thread: what the thread is at, and whether it is to go on."""

    def __init__(self) -> None:
        self._cancelled = threading.Event()
        self.progress = ""

    def report(self, progress: str) -> None:
        """Called by the work where it may stop.

        Raises:
            Stopped: it is to stop.
        """
        if self._cancelled.is_set():
            raise Stopped
        self.progress = progress

    def cancel(self) -> None:
        """The thread notices when it next looks."""
        self._cancelled.set()


async def run_blocking(call: Callable[[], T], token: CancellationToken | None = None) -> T:
    """The call's value. On a cancel, work that can stop is waited for; other work is left to end by itself."""
    work = asyncio.ensure_future(asyncio.to_thread(call))
    try:
        async with Heartbeat(lambda: token.progress if token else "", INTERVAL_S):
            await asyncio.wait({work})
        return work.result()
    except asyncio.CancelledError:
        work.add_done_callback(lambda ended: ended.cancelled() or ended.exception())  # nobody asks for it any more
        if token is not None and not work.done():
            token.cancel()
            await asyncio.wait({work}, timeout=PATIENCE_S)
        raise
