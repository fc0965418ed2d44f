"""Asks a server for work again and again, does it, and says that it is being done."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

from domain.core.errors import SluicewayError
from domain.core.version import VERSION
from domain.inventory.dial_versions import ADVICE, MOST_VERSION, PROTOCOL
from workers.client.ports.dial_outs import DialledTask, DialOuts
from workers.dialling.away import is_away

BEAT_S = 5.0
"""A server gives the work to somebody else after half a minute without one."""
FIRST_S, LONGEST_S = 1.0, 30.0
"""Before the server is asked again after it has failed: twice as long each time."""
REFUSED_TIMES = 3
"""So often refused in a row, whoever runs this reads its token again."""
Work = Callable[[], Awaitable[str]]
Sleep = Callable[[float], Awaitable[None]]
_log = logging.getLogger("sluiceway.dial-out")


async def greeted(cluster: str, server: DialOuts) -> None:
    """Tells the server this version, and the log what to do where the server has another one.

    Raises:
        SluicewayError: what the server says to whoever it refuses.
    """
    found = await server.hello(cluster, VERSION, PROTOCOL)
    if advice := ADVICE.get(found.fits):
        _log.warning("this worker is of %s, the server of %s: %s", VERSION, found.version[:MOST_VERSION], advice)


class Tasks:
    """Of one cluster; one task at a time."""

    def __init__(self, cluster: str, server: DialOuts, work: Mapping[str, Work], sleep: Sleep = asyncio.sleep) -> None:
        """`work`: by the kind of a task; it says why it has ended."""
        self._greeted = False
        self._cluster, self._server, self._work, self._sleep = cluster, server, work, sleep

    async def run(self) -> None:
        """Until it is cancelled, or the server has refused `REFUSED_TIMES` in a row.

        Raises:
            SluicewayError: what the server says to whoever it refuses.
        """
        failures = refusals = 0
        while True:
            try:
                if not self._greeted:  # also after each failure: the server may be another one now
                    await greeted(self._cluster, self._server)
                    self._greeted = True
                task = await self._server.task(self._cluster)
                if task is not None:
                    await self._do(task)
                failures = refusals = 0
            except SluicewayError as broken:
                self._greeted = False
                failures += 1
                refusals = 0 if is_away(broken) else refusals + 1
                if refusals == REFUSED_TIMES:
                    raise
                _log.warning("%s", broken)
                await self._sleep(min(FIRST_S * 2.0 ** (failures - 1), LONGEST_S))

    async def _do(self, task: DialledTask) -> None:
        work = self._work.get(task.kind)
        if work is None:
            await self._server.end(self._cluster, task.handle, f"this worker knows no {task.kind[:100]}", True)
            return
        _log.info("begins %s of %s", task.kind, self._cluster)
        doing, beating = asyncio.ensure_future(work()), asyncio.ensure_future(self._beat(task))
        try:
            await asyncio.wait({doing, beating}, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            await _cancelled(doing, beating)
            with suppress(SluicewayError):  # else it is noticed by the beats that do not come
                await self._server.end(self._cluster, task.handle, "the worker in it stops", True)
            raise
        await _cancelled(doing, beating)
        await self._end(task, doing)

    async def _end(self, task: DialledTask, doing: asyncio.Future[str]) -> None:
        if doing.cancelled():
            await self._server.end(self._cluster, task.handle, "nobody wants it any more", False)
            return
        failed = doing.exception()
        if failed is None:
            await self._server.end(self._cluster, task.handle, doing.result(), False)
            return
        said = str(failed) if isinstance(failed, SluicewayError) else type(failed).__name__
        _log.error("%s", said, exc_info=None if isinstance(failed, SluicewayError) else failed)
        await self._server.end(self._cluster, task.handle, said[:500], True)

    async def _beat(self, task: DialledTask) -> None:
        """Returns once nobody wants the work, or the server refuses whoever does it."""
        while True:
            await self._sleep(BEAT_S)
            try:
                if (await self._server.beat(self._cluster, task.handle)).over:
                    return
            except SluicewayError as broken:
                _log.warning("%s", broken)
                if not is_away(broken):
                    return


async def _cancelled(*tasks: asyncio.Future[str] | asyncio.Future[None]) -> None:
    for one in tasks:
        one.cancel()
    await asyncio.wait(tasks)
