"""Watches what containers start, by the kernel's proc connector, and keeps what their images do not have.

Source: include/uapi/linux/cn_proc.h. It needs root and the machine's first PID namespace; elsewhere nothing is watched.
A program that has ended before it was looked at is missed.
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
"""Bytes of the netlink and the connector header before the event."""
_CONTAINER = re.compile(r"\b([0-9a-f]{64})\b")
MAX_KEPT = 1_000
"""Programs of one container; more are not kept."""

Layer = Callable[[str], str]
"""A container's id to the folder of what it has written; empty: it is none of ours. Raises OSError: ask again."""


@dataclass
class ExecWatch:
    """Programs that containers start beside those of their images, kept in a file for each container."""

    folder: Path
    """A file for each container with programs that its image does not have."""
    layer: Layer
    _layers: dict[str, str] = field(default_factory=dict)
    _kept: dict[str, set[str]] = field(default_factory=dict)

    def start(self) -> bool:
        """Watches from a thread of its own for as long as the process lives. False: it is not allowed here."""
        try:
            events = _connected()
        except OSError:
            return False
        threading.Thread(target=self._watch, args=(events,), name="exec-watch", daemon=True).start()
        return True

    def found(self, container: str) -> list[str]:
        """What a container has run, a line each; by whichever process watched."""
        try:
            kept = (self.folder / f"{container}.jsonl").read_text().splitlines()
        except OSError:
            return []
        return [json.loads(line)["words"] for line in kept]

    def forget(self, container: str) -> None:
        """Deletes what was kept of a container; one without a file is no error."""
        (self.folder / f"{container}.jsonl").unlink(missing_ok=True)

    def _watch(self, events: socket.socket) -> None:
        while True:
            try:
                data, (sender, _) = events.recvfrom(65_536)
            except OSError:  # the kernel had more than the buffer holds: those events are lost
                continue
            pid = _started(data) if sender == 0 else 0  # others may write to us; only the kernel is believed
            if pid:
                with contextlib.suppress(OSError):  # it has ended, or is not to be asked about just now
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
    """The runtime enters a container as a copy of itself in memory; it is known by its content, not by its name."""
    runtime = shutil.which("runc") or ""
    same = bool(runtime) and program.startswith(MEMORY)
    return same and filecmp.cmp(f"/proc/{pid}/exe", runtime, shallow=False)


def _connected() -> socket.socket:
    """Raises OSError where the kernel does not let us."""
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
    """The process that an event of the kernel is about, when it has started a program; 0 otherwise."""
    if len(data) < _HEADERS + 24:
        return 0
    (what,) = struct.unpack_from("=I", data, _HEADERS)
    (pid,) = struct.unpack_from("=I", data, _HEADERS + 20)
    return int(pid) if what == _EXEC else 0
