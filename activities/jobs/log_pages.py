"""Parts of a log of any length: lines by number, the last ones, and those that hold a text."""

from __future__ import annotations

import itertools
import json
import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from activities.jobs.log_index import GOES_ON, LogIndex, number_of, objects, whole_objects
from activities.jobs.logs import Line, LineJoiner

MAX_TEXT = 16_384
"""Characters of a line in a part; the whole line is in the log."""
MAX_BYTES = 64 << 20
"""So much of a log is read for one part: a line may be as long as its job's limit."""
KEPT = 200
"""Indexes that are remembered: one of a log of a gigabyte has 16,000 entries."""
MAX_BEYOND = 4 << 20
"""So much is read behind the last wanted line, for the end of one that is split."""
_TAIL = 1 << 18


@dataclass(frozen=True)
class Lines:
    """Some lines, and how many the log has so far."""

    lines: tuple[Line, ...]
    total: int


class LogPages:
    """Reads any log of a process; remembers where the lines of the last ones begin."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, tuple[LogIndex, threading.Lock]] = OrderedDict()
        self._guard = threading.Lock()

    def lines(self, path: Path, first: int, limit: int, *, ended: bool) -> Lines:
        """From line `first` on. While the log grows, a line that has no end yet is the last that is waited for."""
        with path.open("rb") as file:
            index = self._index(path, file)
            found = _between(file, index.before(first), index.size, range(first, first + limit), ended)
            return Lines(tuple(found), index.lines)

    def last(self, path: Path, limit: int, *, ended: bool) -> Lines:
        """The last ones; where their numbers follow each other, without an index: this is what a page shows first."""
        with path.open("rb") as file:
            found = _tail(file, limit)
            if found is not None:
                return Lines(tuple(found), found[-1].number if found else 0)
            total = self._index(path, file).lines
        return self.lines(path, max(total - limit + 1, 1), limit, ended=ended)

    def holding(self, path: Path, text: str, limit: int) -> list[int]:
        """Numbers of the first lines that hold a text, ASCII letters in any case; of a split line, in one part."""
        wanted = _folded(text)
        if not wanted:
            return []
        found: dict[int, None] = {}
        with path.open("rb") as file:
            for data in _candidates(file, text):
                line = _line(data)
                if line and wanted in _folded(line.text):
                    found[line.number] = None
                    if len(found) >= limit:
                        break
        return list(found)

    def _index(self, path: Path, file: IO[bytes]) -> LogIndex:
        """Brought up to date. A file that was replaced by a shorter one is another log."""
        state = path.stat()
        key = f"{path}:{state.st_ino}"
        with self._guard:
            index, lock = self._known.setdefault(key, (LogIndex(), threading.Lock()))
            self._known.move_to_end(key)
            if len(self._known) > KEPT:
                self._known.popitem(last=False)
        with lock:
            if index.size <= state.st_size:
                index.extend(file)
                return replace(index)
        again = LogIndex()
        again.extend(file)
        return again


def _between(file: IO[bytes], begin: int, end: int, wanted: range, ended: bool) -> list[Line]:
    """Lines with these numbers, in order; of a log that grows, up to the first that is missing."""
    joiner, found, open_, left = LineJoiner(), dict[int, Line](), set[int](), MAX_BYTES
    for data in objects(file, begin, end):
        left -= len(data)
        number = number_of(data)
        if left < 0 or (number >= wanted.stop and not open_):
            break
        if number in wanted:
            found |= {line.number: _cut(line) for line in joiner.lines(data)}
            (open_.discard if number in found else open_.add)(number)
        elif number >= wanted.stop:
            left = min(left, MAX_BEYOND)
    if ended:
        found |= {line.number: _cut(line) for line in joiner.rest()}
        return [found[number] for number in sorted(found)]
    return [found[number] for number in itertools.takewhile(found.__contains__, wanted)]


def _tail(file: IO[bytes], limit: int) -> list[Line] | None:
    """The last lines; None where a line has several objects, or only an index finds so many."""
    size = file.seek(0, 2)
    begin = max(size - max(_TAIL, limit * 500), 0)
    file.seek(begin)
    data = file.read(size - begin)
    begin_of = data.find(b"\n") + 1 if begin else 0
    lines = data[begin_of : data.rfind(b"\n") + 1].splitlines(keepends=True)
    numbers = [number_of(line) for line in lines]
    ordered = not lines or numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    complete = len(lines) >= limit or begin == 0
    if not (ordered and complete) or any(line.endswith(GOES_ON) for line in lines):
        return None
    return [_cut(line) for data in lines[-limit:] if (line := _line(data))]


def _candidates(file: IO[bytes], text: str) -> Iterator[bytes]:
    """Objects that may hold a text: found by their bytes, which is ten times as fast as reading each."""
    needle = json.dumps(text, ensure_ascii=False)[1:-1].encode("utf-8", "replace").lower()
    for chunk in whole_objects(file):
        low, at = chunk.lower(), 0
        while (at := low.find(needle, at)) >= 0:
            begin, after = chunk.rfind(b"\n", 0, at) + 1, chunk.find(b"\n", at) + 1
            yield chunk[begin:after]
            at = after


def _folded(text: str) -> bytes:
    return text.encode("utf-8", "replace").lower()


def _line(data: bytes) -> Line | None:
    """One object; what is half-written is none."""
    try:
        entry = json.loads(data)
        return Line(int(entry["n"]), float(entry["t"]), int(entry["s"]), str(entry["o"]), str(entry["l"]))
    except (ValueError, KeyError, TypeError):
        return None


def _cut(line: Line) -> Line:
    return line if len(line.text) <= MAX_TEXT else replace(line, text=line.text[:MAX_TEXT] + "…")
