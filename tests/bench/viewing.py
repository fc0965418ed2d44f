"""Viewers of one server in a process of their own, told by tests/bench/viewers.py.

`python -m tests.bench.viewing PORT AUTHORITY FIRST COUNT PEOPLE [TOPIC PAGE]` follows, says `ready`, and then, for each change, when
the last of its viewers has heard of it, and has the page as it is now (seconds of the machine's monotonic clock).
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Sequence

RUNS = "runs"


class Viewer:
    """A browser: a connection for the stream, and one for pages."""

    pages: asyncio.StreamReader | None = None
    _ask: asyncio.StreamWriter

    def __init__(self, port: int, authority: str, who: str) -> None:
        self.port, self._head = (
            port,
            f"Host: {authority}\r\nX-Who: {who}\r\nHX-Request: true\r\nAccept-Encoding: gzip\r\n\r\n",
        )

    async def follow(self, topic: str) -> None:
        self.stream, self._kept = await asyncio.open_connection(
            "127.0.0.1", self.port
        )  # a writer that is gone closes it
        self._kept.write(f"GET /api/v1/events/stream?topic={topic} HTTP/1.1\r\n{self._head}".encode())
        await self.stream.readuntil(b"retry: 2000\n\n")

    async def see(self, page: str) -> None:
        """The page that it shows after the next change."""
        await self.stream.readuntil(b"event: change\n")
        if page:
            await self.load(page)

    async def load(self, page: str) -> None:
        """As a browser: over the connection that it has, and over a new one where the server has ended that."""
        try:
            await self._load(page)
        except (ConnectionError, asyncio.IncompleteReadError):
            self.pages = None
            await self._load(page)

    async def _load(self, page: str) -> None:
        if self.pages is None or self.pages.at_eof():
            self.pages, self._ask = await asyncio.open_connection("127.0.0.1", self.port)
        self._ask.write(f"GET {page} HTTP/1.1\r\n{self._head}".encode())
        head = (await self.pages.readuntil(b"\r\n\r\n")).lower()
        assert b" 200 " in head.partition(b"\r\n")[0], head
        await self.pages.readexactly(int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0]))


async def _view(viewers: Sequence[Viewer], topic: str, page: str) -> None:
    await asyncio.gather(*(one.follow(topic) for one in viewers))
    print("ready", flush=True)
    while True:
        await asyncio.gather(*(one.see(page) for one in viewers))
        print(time.monotonic(), flush=True)


if __name__ == "__main__":
    authority = sys.argv[2]
    port, first, count, people = map(int, (sys.argv[1], *sys.argv[3:6]))
    topic, page = [*sys.argv[6:], "", ""][:2]
    numbers = range(first, first + count)
    asyncio.run(_view([Viewer(port, authority, f"p{number % people}") for number in numbers], topic or RUNS, page))
