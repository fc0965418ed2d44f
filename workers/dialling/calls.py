"""Asks a server what is wanted of the cluster beside its watch, and answers it: several at once, each once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol

from domain.core.errors import SluicewayError
from domain.inventory.dialled import Answered, Asked, Trouble, packed, trouble_of, unpacked
from workers.client.ports.dial_outs import DialledTask, DialOuts
from workers.dialling.away import is_away
from workers.dialling.tasks import FIRST_S, LONGEST_S, REFUSED_TIMES, Sleep

AT_ONCE = 8
"""Questions that are being answered; the next is asked for once one of them is."""
_log = logging.getLogger("sluiceway.dial-out")


class Answers(Protocol):
    """What the worker does with a question."""

    def answer(self, asked: Asked) -> Answered:
        """Blocks. An error is an answer, too."""
        ...


class Calls:
    """Of one cluster."""

    def __init__(self, cluster: str, server: DialOuts, answers: Answers, sleep: Sleep = asyncio.sleep) -> None:
        self._cluster, self._server, self._answers, self._sleep = cluster, server, answers, sleep
        self._slots, self._going = asyncio.Semaphore(AT_ONCE), set[asyncio.Task[None]]()

    async def run(self) -> None:
        """Until it is cancelled, or the server has refused `REFUSED_TIMES` in a row.

        Raises:
            SluicewayError: what the server says to whoever it refuses.
        """
        try:
            await self._ask()
        finally:
            for one in self._going:
                one.cancel()

    async def _ask(self) -> None:
        failures = refusals = 0
        while True:
            try:
                await self._next()
                failures = refusals = 0
            except SluicewayError as broken:
                failures += 1
                refusals = 0 if is_away(broken) else refusals + 1
                if refusals == REFUSED_TIMES:
                    raise
                _log.warning("%s", broken)
                await self._sleep(min(FIRST_S * 2.0 ** (failures - 1), LONGEST_S))

    async def _next(self) -> None:
        """Takes one once there is a slot for it, which is its own until it is answered."""
        await self._slots.acquire()
        task = None
        try:
            task = await self._server.call(self._cluster)
        finally:
            if task is None:
                self._slots.release()
        if task is not None:
            one = asyncio.ensure_future(self._do(task))
            self._going.add(one)
            one.add_done_callback(self._over)

    def _over(self, one: asyncio.Task[None]) -> None:
        self._going.discard(one)
        self._slots.release()

    async def _do(self, task: DialledTask) -> None:
        text = await asyncio.to_thread(_text, self._answers.answer, task.asked)
        try:
            await self._server.answer(self._cluster, task.handle, text)
        except SluicewayError as broken:  # whoever has asked waits no longer than a minute
            _log.warning("%s", broken)


def _text(answer: Callable[[Asked], Answered], asked: str) -> str:
    try:
        return packed(answer(unpacked(Asked, asked)))
    except SluicewayError as broken:
        return packed(Answered(trouble=trouble_of(broken)))
    except Exception as bug:  # an answer beside none: whoever has asked would wait for a minute
        _log.exception("an answer has failed")
        return packed(Answered(trouble=Trouble(code="SLW943", what="the worker has failed", why=type(bug).__name__)))
