"""A reader that an attacker has taken over: each task is one thing that he would do. Run by a child of `sandboxed`."""

from __future__ import annotations

import json
import os
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path

from activities.core import paths
from activities.core.sandboxed_child import Desk, send


def tried(what: Callable[[], object]) -> bytes:
    """What became of an attempt."""
    try:
        return f"done: {what()}".encode()
    except OSError as refused:
        return f"refused: {type(refused).__name__}".encode()


def connect() -> None:
    """To what listens on this machine."""
    socket.create_connection(("127.0.0.1", 22), 1)


def spin() -> None:
    while True:
        time.time()


TASKS: dict[str, Callable[[Desk, bytes], bytes]] = {
    "echo": lambda desk, data: data,
    "read": lambda desk, data: tried(lambda: Path(data.decode()).read_text()),
    "write": lambda desk, data: tried(lambda: Path(data.decode()).write_text("x")),
    "connect": lambda desk, data: tried(connect),
    "fork": lambda desk, data: tried(os.fork),
    "run": lambda desk, data: tried(lambda: os.execv("/bin/true", ["true"])),
    "kill": lambda desk, data: tried(lambda: os.kill(int(data), signal.SIGKILL)),
    "raise limits": lambda desk, data: tried(_raise_limits),
    "who": lambda desk, data: json.dumps([os.getuid(), dict(os.environ), _open_files()]).encode(),
    "spin": lambda desk, data: bytes(spin() or 0),  # type: ignore[func-returns-value]
    "eat": lambda desk, data: bytes(len(b"x" * (1 << 40))),
    "crash": lambda desk, data: bytes(os.kill(os.getpid(), signal.SIGSEGV) or 0),  # type: ignore[func-returns-value]
    "deep": lambda desk, data: bytes(len(json.loads("[" * 200_000))),
    "refuse": lambda desk, data: bytes(int("no number")),
    "ask": lambda desk, data: str(paths.is_file(Path(data.decode()))).encode(),
    "take": lambda desk, data: desk.file(data.decode()),
    "babble": lambda desk, data: bytes(send(b'{"run": "rm -rf /"}') or 0),  # type: ignore[func-returns-value]
    "long": lambda desk, data: bytes(os.write(1, b"\xff" * 8)) + bytes(spin() or 0),  # type: ignore[func-returns-value]
}


def make_ready() -> None:
    """Nothing is loaded later."""
    socket.socket().close()


def _raise_limits() -> None:
    import resource

    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100))
    except ValueError as refused:
        raise PermissionError(str(refused)) from None


def _open_files() -> list[int]:
    found = []
    for number in range(1_000):
        try:
            os.fstat(number)
        except OSError:
            continue
        found.append(number)
    return found
