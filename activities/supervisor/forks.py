"""The fork server of a worker: it has imported what a supervisor needs, and becomes one per job by a fork.

It has one thread, no secrets, and no descriptors but the worker's socket. A supervisor gets its secrets through a pipe
of its own, has a session of its own, and outlives both the server and the worker. The server ends with its worker.
"""

from __future__ import annotations

import ctypes
import fcntl
import gc
import os
import resource
import socket
import sys

from activities.supervisor import begin, cable, cgroup, gateway, job, kernel, landlock, sandbox
from activities.supervisor import fast_json as quick
from domain.core import masking

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

NEEDED = (cable, cgroup, fcntl, gateway, job, landlock, masking, resource)
"""What a supervisor would import itself."""
MAX_REQUEST = 8_192
SIGCHLD = 17
USERS = 3
"""The handle that all supervisors keep, where the worker is root."""


def serve() -> None:
    """Until the worker has closed its end. A request is a folder, with the handles of input and errors.

    The answer is the supervisor's pid; empty: the kernel gives no process.
    """
    if not os.getuid():
        sandbox.keep_users(USERS)
    kernel.keep_private()
    quick.on_signal(SIGCHLD, quick.IGNORE)  # the kernel reaps the supervisors
    words = _words()
    gc.collect()
    gc.freeze()  # what is here now is shared with every supervisor: the collector shall not touch it
    worker = socket.socket(fileno=0)
    while True:
        request, handles, _, _ = socket.recv_fds(worker, MAX_REQUEST, 2)
        if not handles:
            return
        try:
            pid = os.fork()
        except OSError:
            pid = -1
        if not pid:
            _become(os.fsdecode(request), handles, words)
        for handle in handles:
            os.close(handle)
        worker.send(str(pid).encode() if pid > 0 else b"")


def _become(folder: str, handles: list[int], words: tuple[int, int]) -> NoReturn:
    """A supervisor, as a program of its own would be."""
    code = 1
    try:
        os.setsid()
        quick.on_signal(SIGCHLD, quick.DEFAULT)
        os.dup2(handles[0], 0)
        os.dup2(handles[1], 2)
        os.closerange(USERS + bool(sandbox.KEPT), os.sysconf("SC_OPEN_MAX"))
        address, room = words
        ctypes.memmove(address, os.fsencode(f"job\0{folder}")[: room - 1].ljust(room, b"\0"), room)
        begin.begin("job", folder)
        code = 0
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(code)


def _words() -> tuple[int, int]:
    """Where the kernel finds the last arguments of this program, for `ps`, and the room there."""
    with open("/proc/self/stat") as file:
        start, end = map(int, file.read().rsplit(")", 1)[1].split()[45:47])
    room = sum(len(os.fsencode(word)) + 1 for word in sys.argv[1:])
    return end - room, room if end - room > start else 0
