"""The ticks of a release in a file, which outlives the observer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from activities.core.files import write_atomically
from domain.core.documents import Object


class TickFile:
    """JSON lines in the format of `sluiceway judge replay`; each holds the readings that the next one needs."""

    def __init__(self, root: Path, release: str) -> None:
        self.path = root / f"{release.removeprefix('release/')}.jsonl"
        self._first = self.path.with_suffix(".first.json")

    def begin(self, reading: Object) -> None:
        """Writes the counters before the first tick."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(self._first, json.dumps(reading))

    def read(self) -> list[Object]:
        """The first reading, then all complete lines; for the observer that goes on with them.

        A truncated last line is removed: it was never counted.
        """
        data = self._data()
        if data and not data.endswith(b"\n"):
            self.path.write_bytes(data[: data.rfind(b"\n") + 1])
        first = [json.loads(self._first.read_text())] if self._first.exists() else []
        return [*first, *self.ticks()]

    def restore(self, lines: Sequence[Object]) -> None:
        """All ticks that an observer on another machine has counted, unless there are as many here."""
        if len(lines) > len(self.ticks()):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(self.path, "".join(map(_text, lines)))

    def ticks(self) -> list[Object]:
        """All complete lines, also while an observer writes the next one; empty: no file yet."""
        data = self._data()
        return [json.loads(line) for line in data[: data.rfind(b"\n") + 1].splitlines()]

    def append(self, line: Object) -> None:
        """Creates the file with its first line."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("ab") as file:
            file.write(_text(line).encode())

    def digest(self) -> str:
        """SHA-256 of the file, in hexadecimal; empty: no file."""
        return hashlib.sha256(self._data()).hexdigest() if self.path.exists() else ""

    def _data(self) -> bytes:
        return self.path.read_bytes() if self.path.exists() else b""


def _text(line: Object) -> str:
    return json.dumps(line, separators=(",", ":")) + "\n"
