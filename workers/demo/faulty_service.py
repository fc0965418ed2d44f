"""The service that all release tools release: it says its version, fails as told, and exits at once on SIGTERM.

Runs in a container, so it imports the standard library only. Settings: VERSION; FAIL (share of requests answered with
500); DELAY_S (added to SLOW of the requests); AFTER_S (the fault begins so long after the start); WARM_S (every request
is slow until then). `/incident?share=0.5&seconds=20` makes it fail for a while, as a dependency that is down would.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import time
from urllib.parse import parse_qs, urlsplit

PORT = int(os.environ.get("PORT", "8080"))
VERSION = os.environ.get("VERSION", "1")
FAIL, SLOW = float(os.environ.get("FAIL", "0")), float(os.environ.get("SLOW", "0"))
DELAY_S, AFTER_S = float(os.environ.get("DELAY_S", "0")), float(os.environ.get("AFTER_S", "0"))
WARM_S = float(os.environ.get("WARM_S", "0"))
BEGAN = time.monotonic()
USUAL_S = 0.002
dice = random.Random()  # noqa: S311  (nothing secret is drawn)
incident = {"share": 0.0, "until": 0.0}


async def answer(target: str) -> int:
    """The status of one answer, after its delay."""
    url, age = urlsplit(target), time.monotonic() - BEGAN
    if url.path == "/incident":
        asked = {name: float(values[0]) for name, values in parse_qs(url.query).items()}
        incident.update(share=asked["share"], until=time.monotonic() + asked["seconds"])
        return 200
    if url.path == "/healthz":
        return 200
    slow = age < WARM_S or (age >= AFTER_S and dice.random() < SLOW)
    await asyncio.sleep(DELAY_S if slow else USUAL_S)
    failing = FAIL if age >= AFTER_S else 0.0
    if time.monotonic() < incident["until"]:
        failing = max(failing, incident["share"])
    return 500 if dice.random() < failing else 200


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One connection, kept as long as the client wants."""
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            status = await answer(head.split(b" ", 2)[1].decode())
            body = json.dumps({"version": VERSION}).encode()
            start = f"HTTP/1.1 {status} {'OK' if status == 200 else 'Internal Server Error'}\r\n"
            writer.write(
                f"{start}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
            )
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError, asyncio.LimitOverrunError, IndexError):
        writer.close()


async def main() -> None:
    """Serves on every address, as containers do."""
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, lambda: os._exit(0))
    server = await asyncio.start_server(serve, "0.0.0.0", PORT, backlog=1024)  # noqa: S104  (a container has its own network)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
