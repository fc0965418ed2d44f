"""Starts a supervisor, finds it again, and waits for it without polling."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from activities.supervisor import tree
from domain.core.documents import Node, Object

PROGRAM = Path(__file__).with_name("main.py")


def start(mode: str, folder: Path, secrets: Mapping[str, str]) -> int:
    """Starts a detached supervisor for a folder that contains `spec.json`; returns its pid. It exits at once if another
    one runs.
    """
    with (folder / "supervisor.err").open("ab") as errors:
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(PROGRAM), mode, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            start_new_session=True,
            env={"PATH": os.environ.get("PATH", "/usr/bin:/bin")},
            cwd="/",
        )
    assert process.stdin is not None
    with contextlib.suppress(BrokenPipeError):
        process.stdin.write(json.dumps(dict(secrets)).encode() + b"\n")
        process.stdin.close()
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
