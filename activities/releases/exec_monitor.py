"""Watches which programs containers start, by the kernel's proc connector, and records those not in their images.

Source: include/uapi/linux/cn_proc.h. Needs root and the machine's first PID namespace; elsewhere it does nothing.
Programs that end before they are inspected are missed.
"""

from __future__ import annotations

import contextlib
import filecmp
import json
import os
import re
import shutil
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from domain.releases.unexpected_processes import MEMORY, Origin, origin, words

_CONNECTOR, _PROC, _LISTEN, _EXEC = 11, 1, 1, 0x2
_HEADERS = 16 + 20
"""Bytes of the netlink and connector headers before the event."""
_CONTAINER = re.compile(r"\b([0-9a-f]{64})\b")
MAX_KEPT = 1_000
"""Limit of recorded programs per container."""

Layer = Callable[[str], str]
"""Container id to the folder of its writable layer; empty: not ours. Raises OSError: ask again."""


@dataclass
class ExecWatch:
    """Records programs that containers start beside those of their images, in a file per container."""

    folder: Path
    """Folder with a file per container."""
    layer: Layer
    _layers: dict[str, str] = field(default_factory=dict)
    _kept: dict[str, set[str]] = field(default_factory=dict)

    def start(self) -> bool:
        """Watches in a thread until the process ends. False: not permitted here."""
        try:
            events = _connected()
        except OSError:
            return False
        threading.Thread(target=self._watch, args=(events,), name="exec-watch", daemon=True).start()
        return True

    def found(self, container: str) -> list[str]:
        """Lines of a container, whichever process recorded them."""
        try:
            kept = (self.folder / f"{container}.jsonl").read_text().splitlines()
        except OSError:
            return []
        return [json.loads(line)["words"] for line in kept]

    def forget(self, container: str) -> None:
        """Deletes the record of a container; a missing one is fine."""
        (self.folder / f"{container}.jsonl").unlink(missing_ok=True)

    def _watch(self, events: socket.socket) -> None:
        while True:
            try:
                data, (sender, _) = events.recvfrom(65_536)
            except OSError:  # the kernel's buffer overflowed: those events are lost
                continue
            pid = _started(data) if sender == 0 else 0  # others may write to us; only the kernel is trusted
            if pid:
                with contextlib.suppress(OSError):  # it has ended, or cannot be inspected right now
                    self._look(pid)

    def _look(self, pid: int) -> None:
        container = _CONTAINER.search(Path(f"/proc/{pid}/cgroup").read_text())
        if container is None:
            return
        program = os.readlink(f"/proc/{pid}/exe")
        id_ = container[1]
        if id_ not in self._layers:
            self._layers[id_] = self.layer(id_)
        layer = self._layers[id_]
        if layer and not _is_runtime(pid, program):
            self._keep(id_, program, origin(program, written=Path(layer, program.lstrip("/")).exists()))

    def _keep(self, container: str, program: str, where: Origin) -> None:
        known = self._kept.setdefault(container, set())
        if where is Origin.IMAGE or program in known or len(known) >= MAX_KEPT:
            return
        known.add(program)
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / f"{container}.jsonl").open("a") as file:
            file.write(json.dumps({"at": time.time(), "program": program, "words": words(program, where)}) + "\n")


def _is_runtime(pid: int, program: str) -> bool:
    """The runtime enters a container as an in-memory copy of itself; it is recognised by content, not by name."""
    runtime = shutil.which("runc") or ""
    same = bool(runtime) and program.startswith(MEMORY)
    return same and filecmp.cmp(f"/proc/{pid}/exe", runtime, shallow=False)


def _connected() -> socket.socket:
    """Opens the connector.

    Raises:
        OSError: not permitted.
    """
    events = socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, _CONNECTOR)
    try:
        events.bind((0, _PROC))
        wish = struct.pack("=IIIIHHI", _PROC, 1, 0, 0, 4, 0, _LISTEN)
        events.send(struct.pack("=IHHII", 16 + len(wish), 3, 0, 0, os.getpid()) + wish)
    except OSError:
        events.close()
        raise
    return events


def _started(data: bytes) -> int:
    """The process that an exec event is about; 0 for other events."""
    if len(data) < _HEADERS + 24:
        return 0
    (what,) = struct.unpack_from("=I", data, _HEADERS)
    (pid,) = struct.unpack_from("=I", data, _HEADERS + 20)
    return int(pid) if what == _EXEC else 0
