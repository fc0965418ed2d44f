"""An open-loop client of HTTP/2 with prior knowledge: one connection, many requests on it at a time.

`python -m tests.support.h2c_load ADDRESS:PORT HOST RATE FILE [tls]` writes the lines of the demo's load generator. Only as much
of RFC 9113 as a GET needs: header fields are sent as literals without an index (RFC 7541, section 6.2.2).
"""

from __future__ import annotations

import asyncio
import signal
import ssl
import sys
import time
from pathlib import Path

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RESET, SETTINGS, PING, GOAWAY, WINDOW_UPDATE = 0, 1, 3, 4, 6, 7, 8
END_STREAM, END_HEADERS, ACK = 1, 4, 1
STATUSES = {0x88: 200, 0x8D: 404, 0x8E: 500}
"""Of `:status` in the static table (RFC 7541, appendix A), indexed."""
TIMEOUT_S = 10.0


class Client:
    """Without retries; after the connection has ended the next request makes another one."""

    def __init__(self, address: str, port: int, host: str, *, tls: bool = False) -> None:
        self._where, self._host, self._next = (address, port), host, 1
        self._tls, self._name = _h2() if tls else None, host if tls else None
        self._writer: asyncio.StreamWriter | None = None
        self._waiting: dict[int, asyncio.Future[int]] = {}
        self._connecting = asyncio.Lock()

    async def ask(self) -> int:
        """The status where it is a usual one, 1 for another, and 0 without an answer."""
        try:
            async with asyncio.timeout(TIMEOUT_S):
                async with self._connecting:
                    if self._writer is None:
                        await self._connect()
                stream, self._next = self._next, self._next + 2
                answer = self._waiting[stream] = asyncio.get_running_loop().create_future()
                self._send(HEADERS, END_STREAM | END_HEADERS, stream, self._fields())
                return await answer
        except (OSError, TimeoutError):
            return 0

    def _fields(self) -> bytes:
        fields = {":method": "GET", ":scheme": "https" if self._tls else "http", ":path": "/", ":authority": self._host}
        return b"".join(b"\0" + _text(name) + _text(value) for name, value in fields.items())

    async def _connect(self) -> None:
        reader, writer = await asyncio.open_connection(*self._where, ssl=self._tls, server_hostname=self._name)
        writer.write(PREFACE)
        self._writer = writer
        self._send(SETTINGS, 0, 0, b"")
        self._send(WINDOW_UPDATE, 0, 0, (2**31 - 65536).to_bytes(4))
        self._next, self._waiting = 1, {}
        self._reading = asyncio.create_task(self._read(reader, self._waiting))

    def _send(self, kind: int, flags: int, stream: int, payload: bytes) -> None:
        if self._writer is None:
            raise ConnectionResetError
        self._writer.write(len(payload).to_bytes(3) + bytes([kind, flags]) + stream.to_bytes(4) + payload)

    async def _read(self, reader: asyncio.StreamReader, waiting: dict[int, asyncio.Future[int]]) -> None:
        found: dict[int, int] = {}
        try:
            while True:
                head = await reader.readexactly(9)
                payload = await reader.readexactly(int.from_bytes(head[:3]))
                kind, flags, stream = head[3], head[4], int.from_bytes(head[5:])
                if kind in (SETTINGS, PING) and not flags & ACK:
                    self._send(kind, ACK, 0, payload if kind == PING else b"")
                elif kind == GOAWAY:
                    self._writer = None  # the next request has another connection; those on this one are answered
                elif kind == HEADERS:
                    found[stream] = STATUSES.get(payload[0], 1)
                if stream in waiting and (kind == RESET or (kind in (DATA, HEADERS) and flags & END_STREAM)):
                    _give(waiting.pop(stream), 0 if kind == RESET else found.pop(stream, 0))
        except (OSError, asyncio.IncompleteReadError):
            if waiting is self._waiting:
                self._writer = None
            for one in waiting.values():
                _give(one, 0)


def _h2() -> ssl.SSLContext:
    """Speaks nothing else (RFC 9113, section 3.2)."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["h2"])
    return context


def _give(answer: asyncio.Future[int], status: int) -> None:
    if not answer.done():
        answer.set_result(status)


def _text(text: str) -> bytes:
    assert len(text) < 127, "longer ones have a length of several bytes"
    return bytes([len(text)]) + text.encode()


async def run(where: str, host: str, rate: float, file: Path, *, tls: bool = False) -> None:
    """Until SIGTERM."""
    stop, begun, sent, running = asyncio.Event(), time.time(), 0, set[asyncio.Task[None]]()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    address, _, port = where.rpartition(":")
    client = Client(address, int(port), host, tls=tls)
    with file.open("w") as out:

        async def one(due: float) -> None:
            status = await client.ask()
            out.write(f"{due:.4f} {status} {1000 * (time.time() - due):.2f} -\n")

        while not stop.is_set():
            due = begun + sent / rate
            await asyncio.sleep(max(0, due - time.time()))
            running.add(task := asyncio.create_task(one(due)))
            task.add_done_callback(running.discard)
            sent += 1
        await asyncio.gather(*running)


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], sys.argv[2], float(sys.argv[3]), Path(sys.argv[4]), tls="tls" in sys.argv[5:]))
