"""Connects the agent of a job with the job's supervisor, byte by byte, and nobody with anything else.

TLS 1.3 and one request: `GET /agent` with a token that is good for one job (activities/jobs/agent_tokens.py). What
follows is between the agent and the supervisor. Nothing is kept here: a job whose endpoint was killed goes on when the
next one answers.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import secrets
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from activities.authority import sockets
from activities.jobs import agent_tokens
from activities.supervisor.agent_line import SOCKET
from domain.jobs.newcomers import Newcomer, Room

HEAD_BYTES = 4_096
HEAD_S = 10.0
"""For the handshake, and for the request."""
CHUNK = 1 << 16
PAUSE_S = 0.1
MOST = 1_000
"""Connections at once; there is one for each job."""
MOST_NEW, OF_ONE = 500, 50
"""Connections at once, and of one address, that have not shown a token yet, from their first byte on. One more ends
another one: whoever holds them open keeps nobody out.
"""
KEEP_IDLE_S, KEEP_EVERY_S, DEAD_MS = 5, 5, 20_000
"""A network that was cut is noticed like this (tcp(7)); the agent has the same."""
UPGRADED = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: sluiceway-agent/1\r\n\r\n"
REFUSALS: Mapping[int, str] = {
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    503: "Service Unavailable",
}
_BEARER = re.compile(rb"bearer +([0-9a-f:]{1,200})", re.I)
_log = logging.getLogger("sluiceway.agents")


class RefusedRequestError(Exception):
    """Why a request is not let through."""

    def __init__(self, status: int) -> None:
        super().__init__(REFUSALS[status])
        self.status = status


def token_of(head: bytes) -> str:
    """The token in the head of a request.

    Raises:
        RefusedRequestError: 400, it is none of the protocol's; 404, it is for something else; 401, it has no token.
    """
    first, *headers = head.split(b"\r\n")
    method, _, rest = first.partition(b" ")
    target, _, version = rest.partition(b" ")
    if version != b"HTTP/1.1" or any(b"\0" in one or b"\n" in one or b"\r" in one for one in headers):
        raise RefusedRequestError(400)
    if method != b"GET" or target != b"/agent":
        raise RefusedRequestError(404)
    found = dict[bytes, list[bytes]]()
    for one in filter(None, headers):
        name, separator, value = one.partition(b":")
        if not separator or not name or name != name.strip():
            raise RefusedRequestError(400)
        found.setdefault(name.lower(), []).append(value.strip())
    if found.get(b"upgrade") != [b"sluiceway-agent/1"]:
        raise RefusedRequestError(400)
    given = found.get(b"authorization", [])
    bearer = _BEARER.fullmatch(given[0]) if len(given) == 1 else None
    if bearer is None:
        raise RefusedRequestError(401)
    return bearer[1].decode()


@dataclass(frozen=True)
class Listening:
    """What takes connections."""

    socket: socket.socket
    task: asyncio.Task[None]

    def close(self) -> None:
        """Takes no more; those that are there end with the process."""
        self.task.cancel()
        self.socket.close()


@dataclass
class Endpoint:
    """`jobs`: the folder of this machine's jobs."""

    jobs: Path
    _new: dict[asyncio.Task[None], Newcomer] = field(default_factory=dict)
    _open: dict[Path, asyncio.StreamWriter] = field(default_factory=dict)
    """By the job's folder: the newest connection takes the place of the one before, which is dead."""

    async def listen(self, host: str, port: int, certificate: Path, key: Path) -> Listening:
        """Listens, until what it returns is closed."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.load_cert_chain(certificate, key)
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.create_server((host, port), family=family, backlog=MOST_NEW)
        listener.setblocking(False)
        return Listening(listener, asyncio.create_task(self._accept(listener, context)))

    async def _accept(self, listener: socket.socket, context: ssl.SSLContext) -> None:
        while True:
            try:
                link, (address, *_) = await asyncio.get_running_loop().sock_accept(listener)
            except OSError:  # it has gone already, or this process has too many files open
                await asyncio.sleep(PAUSE_S)
                continue
            link.setblocking(False)
            self._make_room(address)
            task = asyncio.create_task(self._begun(link, context))
            self._new[task] = Newcomer(address)
            task.add_done_callback(lambda done: self._new.pop(done, None))

    def _make_room(self, address: str) -> None:
        end = Room(MOST_NEW, OF_ONE).ends([*self._new.values()], address, secrets.randbelow)
        if end is not None:
            task = [*self._new][end]
            del self._new[task]
            task.cancel()

    def _greeted(self) -> None:
        task = asyncio.current_task()
        if task is not None and (known := self._new.get(task)):
            self._new[task] = replace(known, greeted=True)

    async def _begun(self, link: socket.socket, context: ssl.SSLContext) -> None:
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=CHUNK)
        protocol = asyncio.StreamReaderProtocol(reader)
        try:
            transport, _ = await loop.connect_accepted_socket(
                lambda: protocol, link, ssl=context, ssl_handshake_timeout=HEAD_S
            )
        except (OSError, asyncio.CancelledError):
            link.close()
            return
        self._greeted()
        await self._serve(reader, asyncio.StreamWriter(transport, protocol, reader, loop))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._let_in(reader, writer)
        except RefusedRequestError as refused:
            with contextlib.suppress(OSError):
                words = f"HTTP/1.1 {refused.status} {refused}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
                writer.write(words.encode())
                await asyncio.wait_for(writer.drain(), HEAD_S)
        except (OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError):
            pass  # a stranger's connection that ended, or said nothing in time
        except asyncio.CancelledError:
            writer.transport.abort()  # this process ends, or others need the place
        finally:
            await _closed(writer)

    async def _let_in(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with asyncio.timeout(HEAD_S):
            head = await reader.readuntil(b"\r\n\r\n")
        if len(head) > HEAD_BYTES:
            raise RefusedRequestError(400)
        folder = await asyncio.to_thread(agent_tokens.folder_of, self.jobs, token_of(head[:-4]))
        if folder is None:
            raise RefusedRequestError(401)
        if len(self._open) >= MOST and folder not in self._open:
            raise RefusedRequestError(503)
        if (task := asyncio.current_task()) is not None:
            self._new.pop(task, None)
        _notice_cuts(writer)
        inner, away = await _supervisor(folder)
        before, self._open[folder] = self._open.get(folder), writer
        if before is not None:
            before.transport.abort()
        try:
            writer.write(UPGRADED)
            await _splice((reader, writer), (inner, away))
        finally:
            if self._open.get(folder) is writer:
                del self._open[folder]
            away.transport.abort()


async def _supervisor(folder: Path) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection to the supervisor of a job.

    Raises:
        RefusedRequestError: 503, none listens now.
    """
    try:
        with sockets.address(folder / SOCKET) as address:
            return await asyncio.open_unix_connection(address, limit=CHUNK)
    except OSError:
        raise RefusedRequestError(503) from None


Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def _splice(one: Ends, other: Ends) -> None:
    """Until either side has ended; the other is closed when all that was said has arrived."""
    both = {asyncio.create_task(_copy(one[0], other[1])), asyncio.create_task(_copy(other[0], one[1]))}
    try:
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in both:
            task.cancel()
        await asyncio.gather(*both, return_exceptions=True)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(CHUNK):
        writer.write(data)
        await writer.drain()


def _notice_cuts(writer: asyncio.StreamWriter) -> None:
    link = writer.get_extra_info("socket")
    for level, option, value in (
        (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
        (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, KEEP_IDLE_S),
        (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, KEEP_EVERY_S),
        (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, DEAD_MS),
        (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
    ):
        link.setsockopt(level, option, value)


async def _closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(OSError, TimeoutError):
        await asyncio.wait_for(writer.wait_closed(), 1)
