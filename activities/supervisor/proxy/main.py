"""`python -I -S main.py HANDLE FOLDER`: the proxy of the job of a folder.

HANDLE is a socket of its supervisor. First comes `{"hosts": [...], "opened": [...]}` with the listening socket, which
lies in the job's network. Refusals go back, one JSON object each: `{"code", "what"}`, and at the end `{"refused"}`. It
ends when the supervisor closes its side.
"""

from __future__ import annotations

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))))

import asyncio
import json
import signal
import socket
from contextlib import suppress

from activities.supervisor import kernel
from activities.supervisor.proxy.server import Proxy
from domain.jobs.egress import egress_of

MAX_CONFIG_BYTES = 200_000
TOLD = 100
"""Different refusals that are told; of the others only the number."""


class Refusals:
    """Told once each, and counted all."""

    def __init__(self, link: socket.socket) -> None:
        self._link, self.number = link, 0
        self._known: set[tuple[str, str]] = set()

    def tell(self, code: str, what: str) -> None:
        self.number += 1
        if (code, what) in self._known or len(self._known) >= TOLD:
            return
        self._known.add((code, what))
        with suppress(OSError):  # nobody reads: the number is told at the end
            self._link.send(json.dumps({"code": code, "what": what[:300]}).encode())


async def main() -> None:
    link = socket.socket(fileno=int(sys.argv[1]))
    said, handles, _, _ = socket.recv_fds(link, MAX_CONFIG_BYTES, 1)
    if not handles:
        return  # the job did not come to be
    _weaken()
    wanted, refusals = json.loads(said), Refusals(link)
    link.setblocking(False)
    ended = asyncio.Event()
    asyncio.get_running_loop().add_reader(link, ended.set)
    listener = socket.socket(fileno=handles[0])
    server = await Proxy(egress_of(wanted["hosts"], wanted["opened"]), refusals.tell).serve(listener)
    await ended.wait()
    server.close()
    link.setblocking(True)
    with suppress(OSError):
        link.send(json.dumps({"refused": refusals.number}).encode())
    os._exit(0)  # connections that are open end with it


def _weaken() -> None:
    """It reads bytes of a stranger: it keeps no privileges, starts nothing, and writes no file."""
    import concurrent.futures.thread  # noqa: F401  (what a name needs is loaded while it can be)
    import encodings.idna  # noqa: F401

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    kernel.no_more_privileges()
    kernel.give_up_privileges()
    kernel.keep_private()
    from activities.supervisor import landlock

    if version := landlock.version():
        landlock.only_files(["/etc", "/run", "/usr", "/lib", "/lib64", "/var/run"], [], [], version)


asyncio.run(main())
