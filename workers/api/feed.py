"""What has changed, for all viewers of one server process: one look at the table, however many wait."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import AsyncIterator

import psycopg

from activities.storage.changes import CHANNEL, ChangeReader, Noted
from workers.api.parts import Change

LOOK_S = 0.2
"""SQLite tells nobody: it is looked at."""
SURE_S = 5.0
"""PostgreSQL notifies; in case a notification was lost with its connection, it is looked at too."""
WAIT_S = 15.0
RECENT = 5_000
"""Changes that are kept in memory; who is further behind reads them from the table."""
ALL = "all"
"""Topic: changes were missed, or their table is another one; look at everything again."""
_log = logging.getLogger("sluiceway.server")


class Feed:
    """Looks while somebody waits."""

    def __init__(self, reader: ChangeReader) -> None:
        self._reader = reader
        self._recent: deque[Change] = deque()
        self._floor, self._last = 0, -1
        """Up to where the table keeps none, and the last one that was read; -1: it was not looked at yet."""
        self._since = 0
        """What came after it is in memory."""
        self._new = asyncio.Event()
        self._waiting = 0
        self._stopped = False
        self._looking: asyncio.Task[None] | None = None

    async def last(self) -> int:
        """Number of the last change, or of one a moment before it, which is as good to go on from; 0: none."""
        if self._looking is not None and not self._looking.done() and self._last >= 0:
            return self._last
        return (await asyncio.to_thread(self._reader.ends))[1]

    async def after(self, seq: int, limit: int = 500) -> tuple[Change, ...]:
        """Waits until there is one, at most 15 seconds; then those after `seq`, oldest first.

        Where changes after `seq` are not kept any more, one of topic `all` says so.
        """
        if self._last < 0:
            await self._jump()
        if found := await self._found(seq, limit):
            return found
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(WAIT_S), self._present():
                while self._last <= seq and not self._stopped:
                    await self._new.wait()
        return await self._found(seq, limit)

    async def _jump(self) -> None:
        """To the end of the table: what was not read until there, is not in memory."""
        self._floor, self._last = await asyncio.to_thread(self._reader.ends)
        self._recent.clear()
        self._since = self._last
        self._tell()

    def _tell(self) -> None:
        self._new.set()
        self._new = asyncio.Event()

    def stop(self) -> None:
        """Nobody waits any more: the process ends."""
        self._stopped = True
        self._new.set()

    async def _found(self, seq: int, limit: int) -> tuple[Change, ...]:
        if seq == self._last:
            return ()
        if seq > self._last or seq < self._floor:
            await self._jump()
            if seq > self._last or seq < self._floor:
                return (Change(self._last, ALL, ""),)
        if self._since <= seq:
            return _newest([one for one in self._recent if one.seq > seq][:limit])
        self._floor, _ = await asyncio.to_thread(self._reader.ends)  # old ones were deleted meanwhile
        if seq < self._floor:
            return (Change(self._last, ALL, ""),)
        return _changes(await asyncio.to_thread(self._reader.after, seq, limit))

    @contextlib.asynccontextmanager
    async def _present(self) -> AsyncIterator[None]:
        """Somebody waits meanwhile."""
        self._waiting += 1
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        try:
            yield
        finally:
            self._waiting -= 1

    async def _look(self) -> None:
        """Until nobody waits; who comes while the connection is closed is not left alone."""
        while self._waiting:
            await self._look_on()

    async def _look_on(self) -> None:
        async with contextlib.AsyncExitStack() as stack:
            told = None if self._reader.database.is_sqlite else await self._listen(stack)
            while self._waiting:
                await self._read()
                if told is None:
                    await asyncio.sleep(LOOK_S if self._reader.database.is_sqlite else 1.0)
                else:
                    await _notified(told)

    async def _read(self) -> None:
        last = self._last  # somebody may come from another server meanwhile, and make it jump
        try:
            rows = await asyncio.to_thread(self._reader.after, last, RECENT)
            floor, _ = await asyncio.to_thread(self._reader.ends) if rows else (0, 0)
        except Exception as away:  # a database that is away for a moment comes back; viewers wait
            _log.warning("changes cannot be read: %s", type(away).__name__)
            return
        if rows:
            if floor > last:  # some were deleted before they were read
                self._floor, self._since = floor, max(self._since, floor)
                self._recent.clear()
            self._remember(_changes(rows))
            self._last = max(self._last, rows[-1].seq)
            self._tell()

    def _remember(self, found: tuple[Change, ...]) -> None:
        """The newest `RECENT`."""
        self._recent.extend(found)
        while len(self._recent) > RECENT:
            self._since = max(self._since, self._recent.popleft().seq)

    async def _listen(self, stack: contextlib.AsyncExitStack) -> psycopg.AsyncConnection | None:
        """A connection that PostgreSQL notifies. None: there is none, so the table is looked at."""
        url = self._reader.database.url.set(drivername="postgresql")
        try:
            address = url.render_as_string(hide_password=False)
            connection = await psycopg.AsyncConnection.connect(address, autocommit=True)
            await stack.enter_async_context(connection)
            await connection.execute(f"listen {CHANNEL}")
        except psycopg.Error as away:
            _log.warning("PostgreSQL does not notify: %s", type(away).__name__)
            return None
        return connection


async def _notified(connection: psycopg.AsyncConnection) -> None:
    """Returns after some notifications, or after a while."""
    try:
        async for _ in connection.notifies(timeout=SURE_S, stop_after=1):
            pass
    except psycopg.Error:
        await asyncio.sleep(1.0)


def _newest(found: list[Change]) -> tuple[Change, ...]:
    """Of each key the last one: who asks again sees all that came before it."""
    last = {(one.topic, one.key): one for one in found}
    return tuple(one for one in found if last[one.topic, one.key] is one)


def _changes(rows: list[Noted]) -> tuple[Change, ...]:
    return tuple(Change(row.seq, row.topic, row.key) for row in rows)
