"""A job's log: the growing file while it runs, the stored one afterwards."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from activities.storage.port import Store
from domain.core.values import Json


@dataclass(frozen=True)
class Line:
    """One line of a job's log. `at`: seconds since the epoch; `step`: from 1, 0 for the engine."""

    number: int
    """From 1, without gaps."""
    at: float
    step: int
    stream: str
    """out, err, step (a step starts) or engine."""
    text: str


class LineJoiner:
    """Puts the parts of long lines together. What is written meanwhile stands before the whole line."""

    def __init__(self) -> None:
        self._begun: dict[int, list[Line]] = {}

    def lines(self, data: bytes) -> Iterator[Line]:
        """The lines that the next objects of a `log.jsonl` complete; empty ones are skipped."""
        entries: list[Json] = json.loads(b"[" + b",".join(filter(None, data.split(b"\n"))) + b"]")  # fast: all at once
        for entry in entries:
            match entry:
                case {"n": int(number), "t": int(at) | float(at), "s": int(step), "o": str(stream), "l": str(text)}:
                    part = Line(number, at, step, stream, text)
                case _:
                    raise ValueError(f"no line of a log: {str(entry)[:100]}")
            if isinstance(entry, dict) and "c" in entry:
                self._begun.setdefault(number, []).append(part)
            else:
                yield self._joined(part) if number in self._begun else part

    def rest(self) -> Iterator[Line]:
        """Lines whose end was lost with their supervisor."""
        for number in sorted(self._begun):
            yield self._joined(self._begun[number].pop())

    def _joined(self, last: Line) -> Line:
        parts = [*self._begun.pop(last.number), last]
        return replace(parts[0], text="".join(one.text for one in parts))


def parse(data: bytes) -> Iterator[Line]:
    """All lines of a `log.jsonl`."""
    joiner = LineJoiner()
    yield from joiner.lines(data)
    yield from joiner.rest()


def append(path: Path, texts: list[str]) -> None:
    """Appends lines of the engine, when nobody else writes any more."""
    last = max((line.number for line in parse(path.read_bytes())), default=0)
    with path.open("ab") as file:
        for number, text in enumerate(texts, last + 1):
            entry = {"n": number, "t": round(time.time(), 3), "s": 0, "o": "engine", "l": text}
            file.write(json.dumps(entry).encode() + b"\n")


class Follower:
    """Returns each line once, in order of its end. A half-written line waits for its rest."""

    def __init__(self, folder: Path, store: Store) -> None:
        self._folder, self._store = folder, store
        self._offset, self._joiner = 0, LineJoiner()

    def new_lines(self, digest: str = "") -> list[Line]:
        """Lines since the last call. `digest`: the stored log, read once the file is gone."""
        path = self._folder / "log.jsonl"
        if not path.exists() and digest:
            path = self._store.local(digest)
        try:
            with path.open("rb") as file:
                file.seek(self._offset)
                data = file.read()
        except FileNotFoundError:
            return []
        whole = data[: data.rfind(b"\n") + 1]
        self._offset += len(whole)
        lines = list(self._joiner.lines(whole))
        return [*lines, *self._joiner.rest()] if digest else lines
