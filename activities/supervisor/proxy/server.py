"""Takes the connections of a job, and opens those that its list allows.

A name is resolved once, each of its addresses is looked at, and the connection goes to an address that passed: what the
name means a moment later changes nothing. One request for each connection; what follows its body is not sent on.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from activities.supervisor.proxy import bodies
from domain.core.local_http import END, MAX_HEAD_BYTES
from domain.jobs import proxy_request
from domain.jobs.egress import Egress, HostError, name_of
from domain.jobs.proxy_request import MalformedRequestError, Wanted

MOST = 200
"""Connections at a time."""
CHUNK_BYTES = 65_536
CONNECTED = b"HTTP/1.1 200 Connection established\r\n\r\n"
NOT_LISTED, CLOSED_ADDRESS, MALFORMED, TOO_MUCH = "SLW033", "SLW037", "SLW035", "SLW036"

Tell = Callable[[str, str], None]
"""A code, and what was refused."""
Resolve = Callable[[str, int], Awaitable[list[str]]]


@dataclass(frozen=True)
class Patience:
    """In seconds."""

    head: float = 30.0
    """For the first lines of a request."""
    connect: float = 15.0
    """For a name, and for each of its addresses."""
    idle: float = 600.0
    """Without a byte in either direction."""


class RefusedError(Exception):
    """The connection ends here, with an answer."""

    def __init__(self, code: str, why: str, status: str = "403 Forbidden") -> None:
        super().__init__(why)
        self.code, self.status = code, status


async def resolved(name: str, port: int) -> list[str]:
    """The addresses of a name, as this machine knows it.

    Raises:
        OSError: it has none.
    """
    found = await asyncio.get_running_loop().getaddrinfo(name, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


@dataclass
class Proxy:
    """Of one job."""

    egress: Egress
    tell: Tell
    resolve: Resolve = resolved
    patience: Patience = field(default_factory=Patience)
    most: int = MOST
    _open: int = 0

    async def serve(self, listener: socket.socket) -> asyncio.Server:
        """Takes connections of a listening socket from now on."""
        return await asyncio.start_server(self._taken, sock=listener, limit=MAX_HEAD_BYTES)

    async def _taken(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open += 1
        try:
            await self._answered(reader, writer)
        except RefusedError as refused:
            if refused.code:
                self.tell(refused.code, str(refused))
            writer.write(_answer(refused))
        except (OSError, EOFError, TimeoutError, MalformedRequestError, ValueError):
            pass  # it has begun, and is cut
        finally:
            self._open -= 1
            with contextlib.suppress(OSError, TimeoutError):
                async with asyncio.timeout(1):
                    await writer.drain()
            writer.close()

    async def _answered(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._open > self.most:
            raise RefusedError(TOO_MUCH, f"more than {self.most} connections at a time", "503 Service Unavailable")
        asked = await self._asked(reader)
        far, out = await self._opened(asked)
        try:
            async with asyncio.timeout(self.patience.idle) as limit:
                loop = asyncio.get_running_loop()
                moved: bodies.Moved = lambda: limit.reschedule(loop.time() + self.patience.idle)  # noqa: E731
                if asked.is_tunnel:
                    writer.write(CONNECTED)
                    await bodies.both((reader, out), (far, writer), moved)
                else:
                    out.write(asked.head)
                    await bodies.exchanged((reader, out), (far, writer), asked.length, moved)
        finally:
            out.close()

    async def _asked(self, reader: asyncio.StreamReader) -> Wanted:
        try:
            async with asyncio.timeout(self.patience.head):
                head = await reader.readuntil(END)
            return proxy_request.wanted(head)
        except asyncio.LimitOverrunError:
            status = "431 Request Header Fields Too Large"
            raise RefusedError(MALFORMED, "a head of more than 64 KiB", status) from None
        except TimeoutError:
            why = f"a request whose head took more than {self.patience.head:g} s"
            raise RefusedError(TOO_MUCH, why, "408 Request Timeout") from None
        except MalformedRequestError as broken:
            raise RefusedError(MALFORMED, f"a request: {broken}", "400 Bad Request") from None

    async def _opened(self, asked: Wanted) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        try:
            name = name_of(asked.name)
        except HostError as wrong:
            raise RefusedError(NOT_LISTED, f"{wrong}, port {asked.port}") from None
        where = f"{name}:{asked.port}"
        if not self.egress.lists(name, asked.port):
            raise RefusedError(NOT_LISTED, f"{where} is not one of the hosts that this job may reach")
        try:
            async with asyncio.timeout(self.patience.connect):
                addresses = await self.resolve(name, asked.port)
        except (OSError, TimeoutError, UnicodeError) as broken:
            raise RefusedError("", f"{name} has no address: {broken}", "502 Bad Gateway") from None
        why = {one: self.egress.refusal(one) or _own(one, self.egress) for one in addresses}
        if addresses and all(why.values()):
            raise RefusedError(CLOSED_ADDRESS, f"{where}: {'; '.join(why.values())}")
        for address in (one for one in addresses if not why[one]):
            with contextlib.suppress(OSError, TimeoutError):
                async with asyncio.timeout(self.patience.connect):
                    return await asyncio.open_connection(address, asked.port, limit=MAX_HEAD_BYTES)
        raise RefusedError("", f"{where} does not answer", "502 Bad Gateway")


def _own(address: str, egress: Egress) -> str:
    """Why nothing is sent to an address of this machine: only those can be bound. Empty: it is none, or opened."""
    if egress.opens(address):
        return ""
    try:
        with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as probe:
            probe.bind((address, 0))
    except OSError:
        return ""
    return f"{address} is this machine"


def _answer(refused: RefusedError) -> bytes:
    words = f"sluiceway: {refused.code + ': ' if refused.code else ''}{refused}\n".encode("utf-8", "replace")
    head = f"HTTP/1.1 {refused.status}\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: {len(words)}\r\n"
    return head.encode() + b"connection: close\r\n\r\n" + words
