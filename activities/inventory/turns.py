"""Turns of reading a page of a list: few pages are in memory at once, and every cluster gets its share.

A cluster that sends a page slowly keeps its turn only while nobody waits for one. Once it has had to give one back, it
stands behind the others, and all such clusters together have half of the turns: however many of them there are, one
that answers in time never waits for them.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from activities.inventory.connection import LateError

PAGES = 6
"""Pages of lists that are read at once, some megabytes each: 50 clusters list a thousand kinds at a start."""
PAGES_OF_ONE = 2
"""Of one cluster: one that sends its pages slowly does not take the turns of all others."""
HELD_S = 20.0
"""How long a page may take while others wait."""


class Pages:
    """The turns of all clusters of a loop."""

    def __init__(self, most: int = PAGES, held_s: float = HELD_S) -> None:
        self._most, self._held_s = most, held_s
        self._waiting: list[tuple[Turns, asyncio.Future[None]]] = []
        self._given: list[Turns] = []
        self._reading: dict[asyncio.Timeout, float] = {}
        """When each page began."""

    @asynccontextmanager
    async def one(self, of: Turns) -> AsyncIterator[None]:
        """A turn of this cluster.

        Raises:
            TimeoutError: it took too long, and others wait.
        """
        await self._wait(of)
        try:
            async with asyncio.timeout(None) as limit:
                self._reading[limit] = asyncio.get_running_loop().time()
                self._look()
                try:
                    yield
                finally:
                    del self._reading[limit]
        finally:
            self._given.remove(of)
            self._look()

    async def _wait(self, of: Turns) -> None:
        mine = (of, asyncio.get_running_loop().create_future())
        self._waiting.append(mine)
        self._look()
        try:
            await mine[1]
        except asyncio.CancelledError:
            if mine in self._waiting:
                self._waiting.remove(mine)
            else:  # it was given just now
                self._given.remove(of)
            self._look()
            raise

    def _look(self) -> None:
        """Gives what is free, and says how long those who have a turn may keep it."""
        for mine in sorted(self._waiting, key=lambda one: one[0].late):
            if not mine[1].done() and self._has_room(mine[0]):
                self._waiting.remove(mine)
                self._given.append(mine[0])
                mine[1].set_result(None)
        for limit, since in self._reading.items():
            if not limit.expired():
                limit.reschedule(since + self._held_s if self._waiting else None)

    def _has_room(self, of: Turns) -> bool:
        late = sum(one.late for one in self._given)
        return len(self._given) < self._most and not (of.late and late >= max(self._most // 2, 1))


class Turns:
    """Of one cluster."""

    def __init__(self, every: Pages, own: int = PAGES_OF_ONE) -> None:
        self._every, self._own = every, asyncio.Semaphore(own)
        self.late = False
        """It had to give a turn back, and has read no page in time since."""

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """For one page.

        Raises:
            LateError: it took too long, and other clusters wait.
        """
        async with self._own:
            try:
                async with self._every.one(self):
                    yield
            except TimeoutError as late:
                self.late = True
                why = "it was answered too slowly while other clusters waited for their turn"
                raise LateError("SLW943", "a page of a list was given up", why=why) from late
            self.late = False
