"""Viewers of one server in a process of their own, told by tests/bench/viewers.py.

`python -m tests.bench.viewing PORT AUTHORITY FIRST COUNT PEOPLE` follows, says `ready`, and then, for each change, when the
last of its viewers has heard of it (seconds of the machine's monotonic clock).
"""

from __future__ import annotations

import asyncio
import sys
import time


async def _follow(port: int, authority: str, who: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"GET /api/v1/events/stream?topic=runs HTTP/1.1\r\nHost: {authority}\r\nX-Who: {who}\r\n\r\n"
    writer.write(head.encode())
    await reader.readuntil(b"retry: 2000\n\n")
    return reader, writer


async def _view(port: int, authority: str, first: int, count: int, people: int) -> None:
    numbers = range(first, first + count)
    followed = await asyncio.gather(*(_follow(port, authority, f"p{number % people}") for number in numbers))
    print("ready", flush=True)
    while True:
        await asyncio.gather(*(reader.readuntil(b"event: change\n") for reader, _ in followed))
        print(time.monotonic(), flush=True)


if __name__ == "__main__":
    port, authority, *numbers = sys.argv[1:]
    asyncio.run(_view(int(port), authority, *map(int, numbers)))
