"""What the door in front of the Temporal server costs: a chain of 200 activities beside one on an open port.

The goal: the engine's door adds at most a twentieth to a chain, in which every step waits for the one before.
"""

from __future__ import annotations

import contextlib
import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

from temporalio.client import Client
from temporalio.worker import Worker

from activities.supervisor.service import answers, free_port
from tests.bench.bare import OWN, PAIRS, Bare, noop
from workers.engine import embedded as engine

NAMES = ["door_200"]


async def measured(folder: Path, row: Callable[..., None]) -> None:
    """Two servers, one behind a door; the same chain on each in turn."""
    with _server(folder / "open", door=False) as plain, _server(folder / "door", door=True) as guarded:
        async with _chain(plain) as bare, _chain(guarded) as ours:
            pairs = []
            for _ in range(PAIRS + 1):
                pairs.append((await _timed(bare), await _timed(ours)))
    without, within = (statistics.median(side) for side in zip(*pairs[1:], strict=True))
    row(
        "door_200",
        within * 1000,
        "ms, 200 activities through the door",
        without * 1000,
        "<= 1.05",
        within <= 1.05 * without,
    )


@contextlib.contextmanager
def _server(folder: Path, *, door: bool) -> Iterator[str]:
    folder.mkdir(parents=True)
    port, ui = free_port(), free_port()
    plain = engine.server_command(port, ui, str(folder / "t.db"))
    behind = [sys.executable, "-I", "-S", str(engine.DOOR), str(folder / "door.json"), str(port), str(ui)]
    behind += engine.server_command("{port}", "{ui_port}", str(folder / "t.db"))
    process = subprocess.Popen(behind if door else plain, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while not answers(port, ""):
            time.sleep(0.02)
        yield f"127.0.0.1:{port}"
    finally:
        os.kill(process.pid, signal.SIGTERM)
        process.wait()


@contextlib.asynccontextmanager
async def _chain(address: str) -> AsyncIterator[Client]:
    client = await Client.connect(address)
    async with (
        Worker(client, task_queue="bare", workflows=[Bare], activities=[noop]),
        Worker(client, task_queue="bare-own", activities=[noop]),
    ):
        yield client


async def _timed(client: Client) -> float:
    began = time.monotonic()
    await client.execute_workflow(Bare.run, args=[200, OWN + "serial"], id=f"bare-{began}", task_queue="bare")
    return time.monotonic() - began
