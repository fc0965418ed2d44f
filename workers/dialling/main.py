"""The process in a cluster that dials out. It loads no workflow, opens no database, and has no key of the engine."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from activities.inventory.watch import ClusterWatch
from activities.kubernetes.discovery import Kubes
from domain.clusters.access import Access
from domain.core.errors import SluicewayError
from workers.client.ports.dial_outs import DialOuts
from workers.core import logs
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
    """Read again after the server has refused it: a mounted Secret is renewed in place."""
    access: Access
    """To the cluster."""


async def work(post: Post, folder: Path) -> None:
    """Works until it is cancelled. `folder`: for what is only a cache."""
    kubes = Kubes(folder)
    while True:
        try:
            async with http_of(post.origin, post.token()) as http:
                server = RemoteDialOuts(Connection(http))
                await tasks_of(post, server, kubes).run()
        except (SluicewayError, OSError) as refused:
            _log.error("%s; trying again", refused)
        await asyncio.sleep(LONGEST_S)


def tasks_of(post: Post, server: DialOuts, kubes: Kubes) -> Tasks:
    """What it does when it is asked to."""

    async def watch() -> str:
        writer = DialledWriter(post.cluster, server, asyncio.get_running_loop())
        await ClusterWatch(post.cluster, lambda: kubes.open(post.access, post.cluster), writer).run()
        return "the watch ended"

    return Tasks(post.cluster, server, {WATCH: watch})


async def _until_told(post: Post) -> None:
    with tempfile.TemporaryDirectory(prefix="sluiceway-") as folder:
        working = asyncio.ensure_future(work(post, Path(folder)))
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, working.cancel)
        await asyncio.wait({working})
        if not working.cancelled():
            working.result()


def main(post: Post) -> None:
    """Works until it is interrupted."""
    logs.configure(os.environ.get("SLUICEWAY_LOG", ""), [post.token()])
    asyncio.run(_until_told(post))
