"""Servers that answer with the name of a version, each a process of its own that ends at once when it is told to.

`python tests/support/version_servers.py NAME ADDRESS` prints its port.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
from pathlib import Path


class VersionServer:
    """HTTP/1.1 with keep-alive on a free port. Killed, everything open on it is reset."""

    def __init__(self, name: str, address: str) -> None:
        command = [sys.executable, "-S", str(Path(__file__)), name, address]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self._output = self._process.stdout
        self.address, self.port = address, int(self._output.readline())

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        self._output.close()


async def _serve(name: str, address: str) -> None:
    body = json.dumps({"version": name}).encode()
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, OSError):
            while await reader.readuntil(b"\r\n\r\n"):
                writer.write(answer)
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(served, address, 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(*sys.argv[1:]))
