"""The process in a cluster that dials out. It loads no workflow, opens no database, and has no key of the engine."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx2

from activities.inventory.watch import ClusterWatch
from activities.kubernetes.discovery import Kubes
from domain.clusters.access import Access
from domain.core.errors import SluicewayError
from domain.inventory.dialled import May
from workers.client.ports.dial_outs import DialOuts
from workers.core import logs
from workers.dialling.calls import Calls
from workers.dialling.hands import Hands, Let
from workers.dialling.health import Pulse, served
from workers.dialling.tasks import LONGEST_S, Tasks
from workers.dialling.writer import DialledWriter
from workers.remote.client import http_of
from workers.remote.connection import Connection
from workers.remote.dial_outs import RemoteDialOuts

WATCH = "watch-inventory"
_log = logging.getLogger("sluiceway.dial-out")


@dataclass(frozen=True, kw_only=True)
class Post:
    """Where a worker stands."""

    cluster: str
    origin: str
    """Of the server: `https://ci.example.org`."""
    token: Callable[[], str]
    """Read for each request: a mounted Secret is renewed in place."""
    access: Access
    """To the cluster."""
    health_port: int = 0
    """On which the kubelet is told how it is; 0: on none."""
    let: Let = Let()


async def work(post: Post, folder: Path, pulse: Pulse | None = None) -> None:
    """Works until it is cancelled. `folder`: for what is only a cache. `pulse` hears each answer."""
    kubes = Kubes(folder)
    hands = Hands(post.cluster, post.let, lambda person: kubes.open(post.access, post.cluster, person))
    while True:
        try:
            async with http_of(post.origin) as http:
                http.auth = partial(_named, post.token)
                http.event_hooks = {"response": [pulse.heard] if pulse else []}
                server = RemoteDialOuts(Connection(http))
                await _until_one_ends(_loops(post, server, kubes, hands))
        except (SluicewayError, OSError) as refused:
            _log.error("%s; trying again", refused)
        await asyncio.sleep(LONGEST_S)


def _named(token: Callable[[], str], request: httpx2.Request) -> httpx2.Request:
    request.headers["Authorization"] = f"Bearer {token()}"
    return request


def _loops(post: Post, server: DialOuts, kubes: Kubes, hands: Hands) -> Sequence[asyncio.Future[None]]:
    """Whoever may watch and nothing else is asked for nothing else."""
    found = [asyncio.ensure_future(tasks_of(post, server, kubes).run())]
    if post.let.may.holds(May.READ):
        found.append(asyncio.ensure_future(Calls(post.cluster, server, hands).run()))
    return found


async def _until_one_ends(loops: Sequence[asyncio.Future[None]]) -> None:
    try:
        ended, _ = await asyncio.wait(loops, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in loops:
            one.cancel()
        await asyncio.wait(loops)
    for one in ended:
        one.result()


def tasks_of(post: Post, server: DialOuts, kubes: Kubes) -> Tasks:
    """What it does when it is asked to."""

    async def watch() -> str:
        writer = DialledWriter(post.cluster, server, asyncio.get_running_loop(), may=post.let.may)
        await ClusterWatch(post.cluster, lambda: kubes.open(post.access, post.cluster), writer).run()
        return "the watch ended"

    return Tasks(post.cluster, server, {WATCH: watch})


async def _until_told(post: Post) -> None:
    with tempfile.TemporaryDirectory(prefix="sluiceway-") as folder:
        pulse, loop = Pulse(), asyncio.get_running_loop()
        working = asyncio.ensure_future(work(post, Path(folder), pulse))
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, working.cancel)
        async with served(pulse, post.health_port):
            await asyncio.wait({working})
        if not working.cancelled():
            working.result()


def main(post: Post) -> None:
    """Works until it is interrupted."""
    logs.configure(os.environ.get("SLUICEWAY_LOG", ""), [post.token()])
    asyncio.run(_until_told(post))
