"""Exec sessions of a server: the list over HTTP, an open one over a WebSocket."""

from __future__ import annotations

import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from domain.core.errors import UnreachableError
from domain.pods.exec_session import FRAME_BYTES, ExecTarget
from workers.client.ports.addresses import quoted
from workers.client.ports.pages import Page, PageOf
from workers.client.ports.terminals import LEFT, ExecEnd, ExecRow, ExecTicket
from workers.remote import exec_wire as wire
from workers.remote.connection import BASE, Connection
from workers.remote.problems import error_of, not_understood

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

OPEN_S = 15.0


class RemoteTerminals:
    """`Terminals` over HTTP and a WebSocket."""

    def __init__(self, server: Connection) -> None:
        self._server = server

    async def ask(self, target: ExecTarget, reason: str, key: str = "") -> ExecTicket:
        """See `Terminals`."""
        return await self._server.post("/exec/sessions", ExecTicket, {**asdict(target), "reason": reason}, key=key)

    async def clusters(self) -> tuple[str, ...]:
        """See `Terminals`."""
        return await self._server.get("/exec/clusters", tuple[str, ...])

    async def list(self, page: PageOf, *, running: bool = False) -> Page[ExecRow]:
        """See `Terminals`."""
        return await self._server.get("/exec/sessions", Page[ExecRow], {**asdict(page), "running": running})

    async def show(self, id_: str) -> ExecRow:
        """See `Terminals`."""
        return await self._server.get(f"/exec/sessions/{quoted(id_)}", ExecRow)

    async def end(self, id_: str, reason: str, key: str = "") -> ExecRow:
        """See `Terminals`."""
        return await self._server.post(f"/exec/sessions/{quoted(id_)}/end", ExecRow, {"reason": reason}, key=key)

    async def recording(self, id_: str) -> str:
        """See `Terminals`."""
        answer = await self._server.ask("GET", f"/exec/sessions/{quoted(id_)}/recording")
        return answer.body.decode("utf-8", "replace")

    @asynccontextmanager
    async def open(self, ticket: str, columns: int, rows: int) -> AsyncIterator[RemoteSession]:
        """See `Terminals`. The login is sent with the handshake, as with any other request."""
        from websockets.exceptions import WebSocketException

        from workers.remote.straight import Straight

        origin, headers = self._server.origin, self._server.credentials
        parts = urlsplit(origin)
        secure = parts.scheme == "https"
        local = (parts.hostname or "").endswith(".localhost")  # RFC 6761, 6.3: few resolvers know that
        try:
            socket = await Straight(
                f"{'wss' if secure else 'ws'}://{parts.netloc}{BASE}{wire.PATH}",
                host="127.0.0.1" if local else None,
                ssl=ssl.create_default_context() if secure else None,
                origin=origin,  # type: ignore[arg-type]  # a NewType of str
                additional_headers=headers,
                user_agent_header="sluiceway-client",
                compression=None,
                proxy=None,
                open_timeout=OPEN_S,
                max_size=2 * FRAME_BYTES,
                max_queue=4,
            )
        except (OSError, WebSocketException, TimeoutError) as away:
            why = f"{type(away).__name__}: {away}"[:300]
            raise UnreachableError("SLW470", "the server opens no exec session", where=origin, why=why) from away
        async with socket:
            live = RemoteSession(socket)
            await live.begin(wire.Hello(ticket, columns, rows))
            yield live


@dataclass
class RemoteSession:
    """Implements `LiveSession`."""

    _socket: ClientConnection
    id: str = ""
    ended: ExecEnd | None = None

    async def begin(self, hello: wire.Hello) -> None:
        """Shows the ticket.

        Raises:
            SluicewayError: what the server says.
        """
        await self._socket.send(hello.text())
        message = await self._received()
        if not isinstance(message, str):
            raise not_understood("it speaks before it is ready")
        self.id = self._told(message)
        if not self.id:
            why = self.ended.why if self.ended else "it is not ready"
            raise UnreachableError("SLW470", "the server opens no exec session", why=why)

    async def read(self) -> tuple[int, bytes] | None:
        """See `LiveSession`."""
        while self.ended is None:
            message = await self._received()
            if isinstance(message, bytes):
                if len(message) > 1:
                    return message[0], message[1:]
            else:
                self._told(message)
        return None

    async def write(self, data: bytes) -> None:
        """See `LiveSession`."""
        from websockets.exceptions import ConnectionClosed

        try:
            for begin in range(0, len(data), FRAME_BYTES):
                await self._socket.send(bytes((wire.INPUT,)) + data[begin : begin + FRAME_BYTES])
        except ConnectionClosed:
            return  # `read` says how it ended

    async def resize(self, columns: int, rows: int) -> None:
        """See `LiveSession`."""
        from websockets.exceptions import ConnectionClosed

        try:
            await self._socket.send(wire.size(columns, rows))
        except ConnectionClosed:
            return

    async def _received(self) -> str | bytes:
        from websockets.exceptions import ConnectionClosed

        try:
            return await self._socket.recv()
        except ConnectionClosed:
            return wire.end(LEFT, None)

    def _told(self, text: str) -> str:
        """The id of a session that is ready; empty: it was another message."""
        said = wire.read(text)
        if said["problem"]:
            raise error_of(403, json.dumps(said["problem"].value).encode())
        if said["end"]:
            code = said.at("end", "code").value
            whole = code if isinstance(code, int) and not isinstance(code, bool) else None
            self.ended = ExecEnd(why=said.at("end", "why").text()[:500], code=whole)
        return said["ready"].text()
