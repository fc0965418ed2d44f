"""Says to the kubelet how the worker is: alive while its loop runs, ready while its server answers it.

One line of HTTP is read and one is answered. It tells nothing else, to nobody.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import httpx2

READY_S = 45.0
"""Since the server's last answer: a question for work waits up to 20 seconds for one."""
ASKED_S = 5.0
"""For whoever asks to say what."""
MOST_LINE = 1_000


class Pulse:
    """When the server last answered, and did not refuse."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._heard_at = clock, -READY_S

    async def heard(self, answer: httpx2.Response) -> None:
        """An answer has come: for the hooks of a client."""
        if answer.is_success:
            self._heard_at = self._clock()

    def is_ready(self) -> bool:
        """Whether the worker is dialled in."""
        return self._clock() - self._heard_at < READY_S


@asynccontextmanager
async def served(pulse: Pulse, port: int) -> AsyncIterator[None]:
    """Answers `/readyz`, and anything else as being alive, for as long as it is entered. 0: it answers nobody."""
    if not port:
        yield
        return

    async def answered(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, TimeoutError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            async with asyncio.timeout(ASKED_S):
                line = await reader.readuntil(b"\n")
                bad = b" /readyz " in line and not pulse.is_ready()
                status = b"503 Service Unavailable" if bad else b"200 OK"
                writer.write(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(answered, port=port, limit=MOST_LINE)
    async with server:
        yield
