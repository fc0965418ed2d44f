"""The process in a cluster that dials out. It loads no workflow, opens no database, and has no key of the engine."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx2

from activities.inventory.watch import ClusterWatch
from activities.kubernetes.discovery import Kubes
from domain.clusters.access import Access
from domain.core.errors import SluicewayError
from workers.client.ports.dial_outs import DialOuts
from workers.core import logs
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


async def work(post: Post, folder: Path, pulse: Pulse | None = None) -> None:
    """Works until it is cancelled. `folder`: for what is only a cache. `pulse` hears each answer."""
    kubes = Kubes(folder)
    while True:
        try:
            async with http_of(post.origin) as http:
                http.auth = partial(_named, post.token)
                http.event_hooks = {"response": [pulse.heard] if pulse else []}
                server = RemoteDialOuts(Connection(http))
                await tasks_of(post, server, kubes).run()
        except (SluicewayError, OSError) as refused:
            _log.error("%s; trying again", refused)
        await asyncio.sleep(LONGEST_S)


def _named(token: Callable[[], str], request: httpx2.Request) -> httpx2.Request:
    request.headers["Authorization"] = f"Bearer {token()}"
    return request


def tasks_of(post: Post, server: DialOuts, kubes: Kubes) -> Tasks:
    """What it does when it is asked to."""

    async def watch() -> str:
        writer = DialledWriter(post.cluster, server, asyncio.get_running_loop())
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
