"""Work in a thread, with heartbeats meanwhile, that ends early where it can when its activity is cancelled."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

from temporalio import activity

BEAT_S = 0.5
PATIENCE_S = 5.0
T = TypeVar("T")


class Stopped(Exception):  # noqa: N818  (it is no error)
    """The work was asked to stop, and has."""


class Stop:
    """Between an activity and its thread: what is under way, and whether to go on."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self.words = ""

    def told(self, words: str) -> None:
        """Called by the work where it may stop.

        Raises:
            Stopped: it is to stop.
        """
        if self._event.is_set():
            raise Stopped
        self.words = words

    def set(self) -> None:
        self._event.set()


async def in_thread(call: Callable[[], T], stop: Stop | None = None) -> T:
    """The call's value. On a cancel, work that can stop is waited for; other work is left to end by itself."""
    task = asyncio.ensure_future(asyncio.to_thread(call))
    try:
        while not (await asyncio.wait({task}, timeout=BEAT_S))[0]:
            if activity.in_activity():
                activity.heartbeat(stop.words if stop else "")
        return task.result()
    except asyncio.CancelledError:
        task.add_done_callback(lambda ended: ended.cancelled() or ended.exception())  # nobody asks for it any more
        if stop is not None and not task.done():
            stop.set()
            await asyncio.wait({task}, timeout=PATIENCE_S)
        raise


class Beating:
    """Heartbeats while the body runs, so that a cancel arrives and a dead worker is noticed."""

    _words = ""

    def say(self, words: str) -> None:
        self._words = words

    async def __aenter__(self) -> Beating:
        self._task = asyncio.create_task(self._beat())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()

    async def _beat(self) -> None:
        while True:
            activity.heartbeat(self._words)
            await asyncio.sleep(BEAT_S)
