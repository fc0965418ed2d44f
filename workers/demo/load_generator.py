"""An open-loop client: requests at a fixed rate, whether or not earlier ones were answered, and none of them repeated.

`python -m workers.demo.load_generator [ADDRESS:]PORT HOST RATE FILE [new] [tls]` writes one line per request to FILE
until it is told to stop: when it was due (seconds since the epoch), the status (0: no answer), the latency in
milliseconds, and the version. `new`: each request has a connection of its own. `tls`: it trusts whom OpenSSL does
(`SSL_CERT_FILE`).
"""

from __future__ import annotations

import asyncio
import re
import signal
import ssl
import sys
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path

TIMEOUT_S = 10.0
_VERSION = re.compile(rb'"version": ?"([^"]*)"')


@dataclass(frozen=True)
class Answer:
    """One line of the generator's file; `at`: when the request was due, in seconds since the epoch."""

    at: float
    status: int
    latency_ms: float
    version: str

    @property
    def fine(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300


class Client:
    """An HTTP/1.1 client without retries, with persistent connections unless each request is to have its own."""

    def __init__(self, where: str, host: str, path: str = "/", *, kept: bool = True, tls: bool = False) -> None:
        """`where`: `ADDRESS:PORT`; without an address, loopback. `tls`: its certificate has to be the host's."""
        address, _, port = where.rpartition(":")
        self._where = (address or "127.0.0.1", int(port))
        self._tls = ssl.create_default_context() if tls else None
        self._name = host if tls else None
        last = "" if kept else "Connection: close\r\n"
        self._request = f"GET {path} HTTP/1.1\r\nHost: {host}\r\n{last}\r\n".encode()
        self._idle: deque[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = deque()

    async def ask(self) -> tuple[int, bytes]:
        """Status and body; status 0 when there was no answer."""
        try:
            async with asyncio.timeout(TIMEOUT_S):
                reader, writer = self._kept() or await self._connect()
                writer.write(self._request)
                head = await reader.readuntil(b"\r\n\r\n")
                length = re.search(rb"(?i)content-length: *(\d+)", head)
                body = await reader.readexactly(int(length[1])) if length else b""
                if b"onnection: close" in head:
                    writer.close()
                else:
                    self._idle.append((reader, writer))
                return int(head.split(b" ", 2)[1]), body
        except (OSError, asyncio.IncompleteReadError, TimeoutError, ValueError):
            return 0, b""

    def _kept(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        """An idle connection; connections closed by the server are dropped."""
        while self._idle:
            reader, writer = self._idle.pop()
            if not (reader.at_eof() or writer.is_closing()):
                return reader, writer
            writer.close()
        return None

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection(*self._where, ssl=self._tls, server_hostname=self._name)

    def close(self) -> None:
        """Closes the idle connections."""
        while self._idle:
            self._idle.pop()[1].close()


async def run(where: str, host: str, rate: float, file: Path, *, kept: bool = True, tls: bool = False) -> None:
    """Sends `rate` requests a second until SIGTERM or SIGINT; a line per request goes to `file`."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    client, running, begun, sent = Client(where, host, kept=kept, tls=tls), set[asyncio.Task[None]](), time.time(), 0
    with file.open("w", buffering=1 << 12) as out:

        async def one(due: float) -> None:
            status, body = await client.ask()
            found = _VERSION.search(body)
            version = found[1].decode() if found else "-"
            out.write(f"{due:.4f} {status} {1000 * (time.time() - due):.2f} {version}\n")

        while not stop.is_set():
            due = begun + sent / rate
            delay = due - time.time()
            if delay > 0:
                await asyncio.sleep(delay)
            task = asyncio.create_task(one(due))
            running.add(task)
            task.add_done_callback(running.discard)
            sent += 1
        await asyncio.gather(*running)
    client.close()


def read(file: Path) -> list[Answer]:
    """The lines so far; an incomplete last line is left out."""
    answers = []
    for line in file.read_text().split("\n")[:-1]:
        at, status, latency, version = line.split(" ", 3)
        answers.append(Answer(float(at), int(status), float(latency), version))
    return answers


if __name__ == "__main__":
    (where, host, rate, file), how = sys.argv[1:5], sys.argv[5:]
    asyncio.run(run(where, host, float(rate), Path(file), kept="new" not in how, tls="tls" in how))
