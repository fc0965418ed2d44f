"""The WebSocket of an exec session. Where it comes from has been looked at by the gate: the origin, and the host.

The first message is the ticket. Then each side waits for the other: a reader that is slow makes the command wait.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import Any

from litestar import WebSocket, websocket
from litestar.di import NamedDependency
from litestar.exceptions import WebSocketDisconnect

from domain.access.principal import Caller, PrincipalKind
from domain.core.errors import RefusedError, SluicewayError
from domain.pods.exec_session import FRAME_BYTES
from workers.api import errors
from workers.api.events import STREAMS
from workers.api.parts import Parts
from workers.client.ports.terminals import LiveSession
from workers.remote import exec_wire as wire

REFUSED = 1008
"""Close code: policy violation (RFC 6455, 7.4.1)."""
GOODBYE_S = 2.0
LOOK_S = 1.0
AnySocket = WebSocket[Any, Any, Any]


@websocket(wire.PATH)
async def stream(socket: AnySocket, parts: NamedDependency[Parts]) -> None:
    """One session, for whoever the login of the handshake says."""
    caller = await parts.authenticator.caller(socket)
    if caller.principal.kind is PrincipalKind.ANONYMOUS:
        await socket.close(REFUSED, "SLW476")
        return
    try:
        STREAMS.open(caller.principal.id)
    except RefusedError as full:
        await socket.close(REFUSED, full.code)
        return
    try:
        await socket.accept()
        with contextlib.suppress(WebSocketDisconnect):
            await _session(socket, parts, caller)
    finally:
        STREAMS.close(caller.principal.id)


async def _session(socket: AnySocket, parts: Parts, caller: Caller) -> None:
    try:
        async with asyncio.timeout(wire.FIRST_S):
            hello = wire.hello_of(await _text(socket))
        client = await parts.clients(caller)
        async with client.terminals.open(hello.ticket, hello.columns, hello.rows) as live:
            await socket.send_text(wire.ready(live.id))
            await Both(socket, live).run()
        if live.ended is not None:
            await _say(socket, wire.end(live.ended.why, live.ended.code), 1000, "")
    except TimeoutError:
        await _refuse(socket, RefusedError("SLW465", "the ticket opens no exec session", why="none came in time"))
    except SluicewayError as refused:
        await _refuse(socket, refused)


async def _refuse(socket: AnySocket, refused: SluicewayError) -> None:
    told = errors.document(refused, errors.status_of(refused), socket.url.path)
    await _say(socket, wire.problem(told), REFUSED, refused.code)


async def _say(socket: AnySocket, text: str, code: int, reason: str) -> None:
    """The last word. Who has left hears nothing, and who does not read is not waited for."""
    with contextlib.suppress(WebSocketDisconnect, RuntimeError, TimeoutError):
        async with asyncio.timeout(GOODBYE_S):
            await socket.send_text(text)
            await socket.close(code, reason)


async def _text(socket: AnySocket) -> str:
    message = await socket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(detail="left")
    return str(message.get("text") or "")


@dataclass
class Both:
    """Both ways of an open session, until one of them ends."""

    socket: AnySocket
    live: LiveSession

    async def run(self) -> None:
        """The way that ends first ends the other one."""
        ways = [asyncio.create_task(one) for one in (self._out(), self._in(), self._watch())]
        try:
            done, _ = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for one in done:
                one.result()
        finally:
            for one in ways:
                one.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    async def _out(self) -> None:
        while (found := await self.live.read()) is not None:
            channel, data = found
            for begin in range(0, len(data), FRAME_BYTES):
                await self.socket.send_bytes(bytes((channel,)) + data[begin : begin + FRAME_BYTES])

    async def _in(self) -> None:
        while True:
            message = await self.socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            data, text = message.get("bytes"), message.get("text")
            if isinstance(data, bytes) and data[:1] == bytes((wire.INPUT,)):
                await self.live.write(data[1 : FRAME_BYTES + 1])
            elif isinstance(text, str) and (found := wire.size_of(wire.read(text))):
                await self.live.resize(*found)
            else:
                raise RefusedError("SLW471", "the message cannot be understood", why="it is neither input nor a size")

    async def _watch(self) -> None:
        """A reader that takes nothing more must not outlive its session, nor the process."""
        while self.live.ended is None and not STREAMS.ending:  # noqa: ASYNC110 (two flags, of different owners)
            await asyncio.sleep(LOOK_S)


HANDLERS = (stream,)
