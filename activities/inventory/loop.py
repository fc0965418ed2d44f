"""One thread with an event loop for all watches of a worker: what they decode holds up none of its other activities."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from activities.inventory.turns import Pages

WRITERS = 4
"""Threads in which the loop's work blocks: on the database, and on credential programs."""
PATIENCE_S = 1.5
"""For what is cancelled to let go."""
GOODBYE_S = 0.2
"""For connections that are closed already: TLS takes some turns of the loop until its socket is."""


class LoopThread:
    """Runs while anything is in it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._turn = Pages()
        self._inside = 0

    async def run(self, work: Callable[[Pages], Coroutine[Any, Any, None]]) -> None:
        """Runs `work(turn)` there, where `turn` is for pages of lists: few are in memory at once. A cancel reaches it,
        and is waited for a moment.
        """
        here, over = asyncio.get_running_loop(), asyncio.Event()

        async def whole() -> None:
            try:
                await work(turn)
            finally:
                here.call_soon_threadsafe(over.set)

        loop, turn = self._enter()
        try:
            inside: Future[None] = asyncio.run_coroutine_threadsafe(whole(), loop)
            try:
                await asyncio.wrap_future(inside)
            except asyncio.CancelledError:
                inside.cancel()
                with suppress(TimeoutError):
                    await asyncio.wait_for(over.wait(), PATIENCE_S)
                raise
        finally:
            self._leave()

    def _enter(self) -> tuple[asyncio.AbstractEventLoop, Pages]:
        with self._lock:
            self._inside += 1
            if self._loop is None:
                self._loop, self._turn = asyncio.new_event_loop(), Pages()
                self._loop.set_default_executor(ThreadPoolExecutor(WRITERS, "inventory-writer"))
                threading.Thread(target=_turn, args=(self._loop,), name="inventory", daemon=True).start()
            return self._loop, self._turn

    def _leave(self) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside and self._loop is not None:
                self._loop.call_soon_threadsafe(self._loop.stop)
                self._loop = None


def _turn(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
        left = asyncio.all_tasks(loop)
        for one in left:
            one.cancel()
        if left:
            loop.run_until_complete(asyncio.wait(left, timeout=PATIENCE_S))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.run_until_complete(asyncio.sleep(GOODBYE_S))
    finally:
        loop.close()
