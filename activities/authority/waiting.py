"""Statements that were made by hand while no signer answered: a file in the signer's folder, as trusted as its log."""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path

from activities.authority.enrolling import Waiting
from domain.authority.registrations import Registration, registration_of


class WaitingFile(Waiting):
    """One statement a line. Whoever may write into the signer's folder may write the log, too."""

    def __init__(self, path: Path) -> None:
        self._path, self._taken = path, 0

    def add(self, said: Registration) -> None:
        """Keeps a statement for the signer that starts next."""
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            size = file.seek(0, os.SEEK_END)
            if size and os.pread(handle, 1, size - 1) != b"\n":
                file.write(b"\n")  # after a command that was killed while it wrote
            file.write(json.dumps(said.plain()).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())

    def some(self) -> bool:
        """Whether the file holds anything."""
        try:
            return self._path.stat().st_size > 0
        except OSError:
            return False

    def take(self) -> list[Registration]:
        """A torn last line is left: whoever wrote it is still at it, or has said nothing. A line that is no statement
        is passed over: one that nobody can read must not keep the signer from its work.
        """
        data = self._path.read_bytes()
        whole = data[: data.rfind(b"\n") + 1]
        self._taken = len(whole)
        return [said for line in whole.splitlines() if (said := _read(line)) is not None]

    def done(self) -> None:
        """Keeps what was added meanwhile."""
        with self._path.open("r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            rest = file.read()[self._taken :]
            file.seek(0)
            file.write(rest)
            file.truncate()


def _read(line: bytes) -> Registration | None:
    try:
        return registration_of(json.loads(line))
    except (ValueError, RecursionError):
        return None
