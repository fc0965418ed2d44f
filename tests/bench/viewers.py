"""200 live viewers of one server: how long after a change the last of them hears of it, and what a change costs.

The server is the real one (uvicorn, the gate, streams, decisions about each viewer) in a thread of this process; the viewers
are in processes of their own (tests/bench/viewing.py), so that the CPU of this one is the server's and the writer's.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import statistics
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn

from activities.storage.changes import ChangeReader, Topic, note
from domain.access.entrance import Entrance, local_url
from domain.access.principal import Caller, Principal, PrincipalKind
from tests.bench.rows import row
from workers.api.app import create_app
from workers.api.events import stream
from workers.api.feed import Feed
from workers.api.gate import Gate
from workers.api.parts import Parts
from workers.api.protocol import BoundedProtocol
from workers.client.owner_guard import AllOrNothing
from workers.core.records import Records

VIEWERS, PEOPLE, CHANGES, PROCESSES = 200, 20, 50, 4
GOAL_MS = 1_000
NAMES = ["viewers_200", "viewers_200_cpu"]


@dataclass(frozen=True)
class Whole:
    """Who may read everything."""

    def readable(self, *_: object) -> AllOrNothing:
        return AllOrNothing(everything=True)


class ByHeader:
    """A person is who a request says: logins are measured elsewhere."""

    async def caller(self, connection: Any) -> Caller:
        return Caller(principal=Principal(kind=PrincipalKind.PERSON, name=connection.headers["x-who"]))


async def measured(folder: Path) -> None:
    """Changes a run 50 times, and waits each time until all have heard."""
    folder.mkdir(parents=True, exist_ok=True)
    records = Records.at(folder / "records.db")
    heard: list[float] = []
    with serving(records, [stream]) as entrance:
        viewers = [await viewing(entrance, number) for number in range(PROCESSES)]
        began = time.process_time()
        for number in range(CHANGES):
            await asyncio.to_thread(_change, records, f"run/web/{number}")
            at = time.monotonic()
            heard.append((max([float(await said(one)) for one in viewers]) - at) * 1000)
        cpu_ms = (time.process_time() - began) / CHANGES * 1000
        for one in viewers:
            one.kill()
            await one.wait()
    records.close()
    last = statistics.quantiles(heard, n=20)[-1]
    row(
        "viewers_200",
        last,
        "ms p95 until the last of 200",
        None,
        f"under {GOAL_MS} ms",
        last < GOAL_MS,
        slowest=max(heard),
    )
    row("viewers_200_cpu", cpu_ms, "ms CPU of the server a change, for 200 viewers", None, "under 200 ms", cpu_ms < 200)


@contextlib.contextmanager
def serving(records: Records, handlers: Sequence[Any], **given: Any) -> Iterator[Entrance]:
    """The real server with some of its pages. `given`: parts of it; else nobody is kept from anything."""
    link = socket.socket()
    link.bind(("127.0.0.1", 0))
    port = link.getsockname()[1]
    entrance = Entrance(host="127.0.0.1", port=port, url=local_url(port))
    whole: Any = Whole()
    usual = {"clients": None, "authenticator": ByHeader(), "guards": lambda caller: whole}
    parts = Parts(changes=Feed(ChangeReader(records.database)), origin=entrance.url, **usual | given)
    app = Gate(create_app(parts, handlers), entrance)
    server = uvicorn.Server(
        uvicorn.Config(
            app, http=BoundedProtocol, ws="none", log_config=None, proxy_headers=False, timeout_graceful_shutdown=1
        )
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [link]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield entrance
    finally:
        server.should_exit = True
        thread.join()


async def viewing(entrance: Entrance, number: int, *page: str) -> asyncio.subprocess.Process:
    """A part of them, that follow. `page`: a topic, and what each asks for when it hears of a change of it."""
    each = VIEWERS // PROCESSES
    told = map(str, (entrance.port, entrance.authority, number * each, each, PEOPLE, *page))
    command = (sys.executable, "-m", "tests.bench.viewing", *told)
    made = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert await said(made) == "ready"
    return made


async def said(process: asyncio.subprocess.Process) -> str:
    """Its next line."""
    assert process.stdout is not None
    return (await process.stdout.readline()).decode().strip()


def _change(records: Records, key: str) -> None:
    with records.database.write() as connection:
        note(connection, Topic.RUNS, [key])
