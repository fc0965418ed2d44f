"""A scanner's way to one host of a cluster: a proxy on this machine, for as long as it is held.

One request a connection: its target and its Host are rewritten to that host, and any other is refused. So whoever uses
the proxy, with whatever it sends, asks the routers for nothing else.
"""

from __future__ import annotations

import asyncio
import re
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

from activities.releases.cluster_traffic.data_plane import RouterAddress, unverified

MAX_HEAD = 65_536
"""Bytes of a request's head."""
MOST = 64
"""Connections at a time; others wait."""
CONNECT_S = 5.0
IDLE_S = 120.0
"""Attacks that count the time of an answer wait long."""
_TARGET = re.compile(rb"[Hh][Tt][Tt][Pp]://([^/?#]*)([!-~\x80-\xff]*)")
_DROPPED = frozenset({b"host", b"connection", b"keep-alive", b"proxy-connection", b"proxy-authorization", b"upgrade"})
_BROKEN = (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError)
"""A limit of time is an OSError, too."""


@asynccontextmanager
async def way_in(routers: Sequence[RouterAddress], host: str) -> AsyncIterator[str]:
    """`http://HOST:PORT`: its port on 127.0.0.1 is the proxy by which the address is asked. Ends all connections."""
    lead = _Lead(routers, host)
    server = await asyncio.start_server(lead.serve, "127.0.0.1", 0, limit=MAX_HEAD)
    try:
        lead.port = server.sockets[0].getsockname()[1]
        yield f"http://{host}:{lead.port}"
    finally:
        server.close()
        await lead.end()
        await server.wait_closed()


def rewritten(head: bytes, host: str, port: int) -> bytes:
    """The head of a request to a proxy as the routers get it; empty: it is for somebody else, or is malformed.

    Source: RFC 9112, 3.2.2 (absolute form) and 5.2 (a folded line is refused).
    """
    first, *lines = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
    parts = first.split(b" ")
    if len(parts) != 3 or parts[2] not in (b"HTTP/1.1", b"HTTP/1.0"):
        return b""
    target, own = _TARGET.fullmatch(parts[1]), host.encode()
    if target is None or target[1].lower() not in (own, b"%s:%d" % (own, port)):
        return b""
    if any(not line[:1].strip() or b"\n" in line or b"\r" in line or b"\0" in line for line in lines):
        return b""
    kept = [line for line in lines if line.partition(b":")[0].strip().lower() not in _DROPPED]
    path = target[2] if target[2].startswith(b"/") else b"/" + target[2]
    made = [b" ".join((parts[0], path, b"HTTP/1.1")), b"Host: " + own, *kept, b"Connection: close"]
    return b"\r\n".join(made) + b"\r\n\r\n"


class _Lead:
    """The connections of one proxy."""

    def __init__(self, routers: Sequence[RouterAddress], host: str) -> None:
        self._routers, self._host, self.port = routers, host.lower(), 0
        self._room, self._open = asyncio.Semaphore(MOST), set[asyncio.Task[None]]()

    async def serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            async with self._room:
                await self._served(reader, writer)
        except _BROKEN:
            pass  # who broke it off sees it
        finally:
            self._open.discard(task)
            writer.close()

    async def end(self) -> None:
        """Of all that are open."""
        while self._open:
            for one in self._open:
                one.cancel()
            await asyncio.wait(set(self._open), timeout=1)

    async def _served(self, reader: StreamReader, writer: StreamWriter) -> None:
        async with asyncio.timeout(IDLE_S):
            head = await reader.readuntil(b"\r\n\r\n")
        asked = rewritten(head, self._host, self.port)
        far = await self._connected() if asked else None
        if far is None:
            said = b"502 Bad Gateway" if asked else b"403 Forbidden"
            writer.write(b"HTTP/1.1 " + said + b"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            await writer.drain()
            return
        answers, requests = far
        requests.write(asked)
        rest = asyncio.create_task(_copied(reader, requests))
        try:
            await _copied(answers, writer)
        finally:
            rest.cancel()
            with suppress(asyncio.CancelledError, *_BROKEN):
                await rest
            requests.close()

    async def _connected(self) -> tuple[StreamReader, StreamWriter] | None:
        """To the first router that takes it."""
        for to in self._routers:
            secured, named = (unverified(), self._host) if to.tls else (None, None)
            with suppress(*_BROKEN):
                async with asyncio.timeout(CONNECT_S):
                    return await asyncio.open_connection(to.host, to.port, ssl=secured, server_hostname=named)
        return None


async def _copied(source: StreamReader, to: StreamWriter) -> None:
    while True:
        async with asyncio.timeout(IDLE_S):
            data = await source.read(1 << 16)
            if not data:
                return
            to.write(data)
            await to.drain()
