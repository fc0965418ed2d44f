"""The signer's log: a file to which lines are only added, each on the disk before its permit is given."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from activities.authority import log_parts
from activities.authority.log_parts import unusable
from domain.authority import chain
from domain.authority.chain import Entry
from domain.core.documents import Object


class Log(Protocol):
    """Entries in order; whoever appends holds the signer's lock."""

    def entries(self) -> Iterator[Entry]:
        """All of them, from the first.

        Raises:
            SluicewayError: SLW018, the chain is broken.
        """
        ...

    def append(self, kind: str, body: Object) -> Entry:
        """Adds an entry, which may not be on the disk yet."""
        ...

    def settle(self, number: int) -> None:
        """Returns when an entry and all before it are on the disk. Called without the lock."""
        ...


class MemoryLog:
    """A log that ends with its process: for tests and rehearsals."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock, self._before = clock, chain.FIRST
        self.all: list[Entry] = []

    def entries(self) -> Iterator[Entry]:
        """All of them, from the first."""
        return iter(list(self.all))

    def append(self, kind: str, body: Object) -> Entry:
        """Adds an entry."""
        entry = Entry(len(self.all) + 1, int(self._clock()), self._before, kind, body)
        self._before = chain.hash_of(chain.line_of(entry))
        self.all.append(entry)
        return entry

    def settle(self, number: int) -> None:
        """Nothing is on a disk."""


class FileLog:
    """Files of the signer alone. A line that was torn by a crash is cut off at the next start: it promised nothing."""

    def __init__(
        self, path: Path, clock: Callable[[], float] = time.time, part_bytes: int = log_parts.PART_BYTES
    ) -> None:
        """Opens or creates the file, and cuts off a torn last line. A part of `part_bytes` is closed.

        Raises:
            SluicewayError: SLW018, it cannot be used.
        """
        self._path, self._clock, self._part_bytes = path, clock, part_bytes
        self._settling = threading.Lock()
        self._number, self._settled, self._before = 0, 0, chain.FIRST
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._file = _opened(path)
            self.torn = _cut(self._file)
        except OSError as broken:
            raise unusable(path, str(broken)) from broken

    def entries(self) -> Iterator[Entry]:
        """All of them, from the first; appending continues after the last one.

        Raises:
            SluicewayError: SLW018, the chain is broken.
        """
        last = b""
        for entry, line in log_parts.entries(self._path):
            self._number, last = entry.number, line
            yield entry
        self._before = chain.hash_of(last) if last else chain.FIRST
        self._settled = self._number

    def append(self, kind: str, body: Object) -> Entry:
        """Adds a line. A write that fails half-way is taken back."""
        entry = Entry(self._number + 1, int(self._clock()), self._before, kind, body)
        line, size = chain.line_of(entry), os.fstat(self._file).st_size
        try:
            if size >= self._part_bytes:
                self._close_part()
                size = 0
            _write(self._file, line)
        except OSError as full:
            os.ftruncate(self._file, size)
            raise unusable(self._path, str(full), transient=True) from full
        self._number, self._before = entry.number, chain.hash_of(line)
        return entry

    def _close_part(self) -> None:
        """All of it is on the disk before it gets its number; a crash in between leaves it as it was, or no new one."""
        with self._settling:
            os.fdatasync(self._file)
            self._settled = self._number
            self._path.rename(log_parts.following(self._path))
            before, self._file = self._file, _opened(self._path)
            os.close(before)
            folder = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def settle(self, number: int) -> None:
        """One `fdatasync` for all that wait at a time."""
        with self._settling:
            if self._settled < number:
                reached = self._number
                os.fdatasync(self._file)
                self._settled = reached


def _opened(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)


def _cut(file: int) -> bytes:
    """Cuts off what follows the last newline; returns it."""
    size = os.fstat(file).st_size
    tail = b""
    at = size
    while at > 0 and b"\n" not in tail:
        step = min(at, 65_536)
        at -= step
        tail = os.pread(file, step, at) + tail
    torn = chain.whole_lines(tail)[1]
    if torn:
        os.ftruncate(file, size - len(torn))
    return torn


def _write(file: int, data: bytes) -> None:
    while data:
        data = data[os.write(file, data) :]
