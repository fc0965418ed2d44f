"""Starts a supervisor, finds it again, and waits for it without polling."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from activities.supervisor import cgroup, program, tree
from activities.supervisor.fork_client import ForkServer
from domain.core.documents import Node, Object

FORKS = ForkServer()
"""Of this process; it runs from the first job on."""


def start(mode: str, folder: Path, secrets: Mapping[str, str], word: str = "") -> int:
    """Starts a detached supervisor for a folder that contains `spec.json`; returns its pid. It exits at once if another
    one runs. `word`: what it seals its status with.
    """
    read, write = os.pipe()
    try:
        with (folder / "supervisor.err").open("ab") as errors:
            pid = FORKS.start(folder, read, errors.fileno()) if mode == "job" else 0
            pid = pid or _spawned(mode, folder, read, errors.fileno())
    except BaseException:
        os.close(write)
        raise
    finally:
        os.close(read)
    with contextlib.suppress(BrokenPipeError), open(write, "wb") as given:
        given.write(f"{json.dumps(dict(secrets))}\n{word}\n".encode())
    return pid


def expect() -> None:
    """A job will be started in some milliseconds: makes what takes its time. May be called in a thread."""
    FORKS.expect()
    cgroup.expect()


def _spawned(mode: str, folder: Path, given: int, errors: int) -> int:
    """A program of its own: services, and jobs where there is no fork server."""
    process = subprocess.Popen(
        program.command(mode, str(folder)),
        stdin=given,
        stdout=subprocess.DEVNULL,
        stderr=errors,
        start_new_session=True,
        env=program.environment(),
        cwd="/",
    )
    _CHILDREN[process.pid] = process
    return process.pid


_CHILDREN: dict[int, subprocess.Popen[bytes]] = {}
"""Supervisors started by this process, to be reaped."""


def reap() -> None:
    for pid, process in list(_CHILDREN.items()):
        if process.poll() is not None:
            del _CHILDREN[pid]


def running(folder: Path) -> int:
    """The pid of the folder's supervisor, or 0."""
    known = Node(read_json(folder / "supervisor.json"))
    pid = known["pid"].whole()
    return pid if pid and tree.start_time(pid) == known["start_time"].text() else 0


def read_json(path: Path) -> Object:
    """The object in a file; empty where there is none."""
    try:
        return Node(json.loads(path.read_text())).object()
    except (OSError, ValueError):
        return {}


async def wait_exit(pid: int, timeout_s: float | None = None) -> bool:
    """Whether a process ended within the time; it need not be a child. Without a time it waits for ever."""
    try:
        handle = os.pidfd_open(pid)
    except OSError:
        return True
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    loop.add_reader(handle, ended.set)
    try:
        async with asyncio.timeout(timeout_s):
            await ended.wait()
        return True
    except TimeoutError:
        return False
    finally:
        loop.remove_reader(handle)
        os.close(handle)
