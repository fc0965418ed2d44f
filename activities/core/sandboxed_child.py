"""The child of `sandboxed`: loads what reads, gives up its rights, and then reads bytes of strangers, again and again.

It can open no file and no socket, start nothing, and sees no secret: what it needs, it asks for over its two pipes.
"""

from __future__ import annotations

import ctypes
import importlib
import json
import os
import pkgutil
import resource
import signal
import struct
import sys
from collections.abc import Callable
from pathlib import Path

NOBODY = 65_534
CPU_S = 900
"""Of all that one child reads in its life."""
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 1, 4, 38
_NEW_NETWORK, _NEW_USER, _NEW_IPC = 0x40000000, 0x10000000, 0x08000000
_SIZE = struct.Struct(">Q")


class Desk:
    """What a reader may ask its parent for."""

    def file(self, name: str) -> bytes:
        """The bytes of one of the files that the parent has named.

        Raises:
            ValueError: it cannot be had.
        """
        send(json.dumps({"file": name}).encode())
        if receive() == b"\x01":
            return receive()
        raise ValueError(receive().decode("utf-8", "replace"))

    def is_file(self, path: Path) -> bool:
        """Whether the folder that the files are in has this one."""
        send(json.dumps({"is_file": os.fspath(path)}).encode())
        return receive() == b"\x01"


Task = Callable[[Desk, bytes], bytes]


def main() -> None:
    """Arguments: where the product lies, the module with `TASKS` and `make_ready`, and how much memory there is."""
    root, module, memory = sys.argv[1:4]
    sys.path.append(root)
    loaded = importlib.import_module(module)
    tasks: dict[str, Task] = loaded.TASKS
    loaded.make_ready()  # all that is loaded at a first use
    _load_encodings()
    from activities.core import paths  # while files can be opened

    give_up_rights(int(memory))
    desk = Desk()
    paths.ask_instead(desk.is_file)
    send(b"ready")
    while True:
        name = receive().decode()
        try:
            answer = b"\x01" + tasks[name](desk, receive())
        except ValueError as refused:
            answer = b"\x02" + str(refused).encode("utf-8", "replace")
        except Exception as beyond:  # of memory, of depth, or a bug
            answer = b"\x00" + type(beyond).__name__.encode()
        send(b"answer")
        send(answer)


def give_up_rights(memory: int) -> None:
    """What cannot be given up on this machine stays; the limits always hold."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if os.geteuid() == 0:
        libc.unshare(_NEW_NETWORK | _NEW_IPC)
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)  # a change of user forgets it
    else:
        libc.unshare(_NEW_USER | _NEW_NETWORK | _NEW_IPC)
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    os.closerange(3, 1 << 16)
    for kind, most in (
        (resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, CPU_S), (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0), (resource.RLIMIT_NPROC, 0), (resource.RLIMIT_NOFILE, 0),
    ):  # fmt: skip
        resource.setrlimit(kind, (most, most))


def _load_encodings() -> None:
    """No module can be loaded later, and reports are written in many character sets."""
    import encodings

    for found in pkgutil.iter_modules(encodings.__path__):
        if found.name not in ("mbcs", "oem", "idna"):  # those of Windows, and what reports are not decoded with
            importlib.import_module(f"encodings.{found.name}")


def send(data: bytes) -> None:
    """One message to the parent."""
    left = memoryview(_SIZE.pack(len(data)) + data)
    while left:
        left = left[os.write(1, left) :]


def receive() -> bytes:
    """The next message of the parent; at its end, the child's."""
    return _exactly(_SIZE.unpack(_exactly(_SIZE.size))[0])


def _exactly(size: int) -> bytes:
    parts = []
    while size:
        data = os.read(0, min(size, 1 << 20))
        if not data:
            os._exit(0)
        parts.append(data)
        size -= len(data)
    return b"".join(parts)


if __name__ == "__main__":
    main()
