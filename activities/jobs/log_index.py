"""Finds lines in a long log without reading all of it: the number at every 64 KB of it, learned once and added to.

A `log.jsonl` numbers its lines from 1 without gaps, an object of JSON a line; a line that is very long has several,
and others may stand between them (activities/supervisor/log.py). The index is a fact about bytes that never change, so
readers of a growing log only look at what is new.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO

CHUNK = 1 << 16
_NUMBER = re.compile(rb'\{"n": ?([0-9]{1,12}),')
GOES_ON = b', "c": 1}\n'
"""The end of an object whose line goes on in a later one."""


@dataclass
class LogIndex:
    """Of one log."""

    lines: int = 0
    """The highest number of a line that has begun."""
    size: int = 0
    """Bytes that were looked at: they end with a whole object."""
    _numbers: list[int] = field(default_factory=lambda: [1])
    _offsets: list[int] = field(default_factory=lambda: [0])
    """No line of `_numbers[i]` or higher begins before `_offsets[i]`."""
    _split: bool = False
    """Whether any line has several objects: then numbers are read, where ends of lines were counted."""

    def extend(self, file: IO[bytes]) -> None:
        """Looks at what was appended; half an object waits for its rest."""
        file.seek(self.size)
        for chunk in whole_objects(file):
            self._split = self._split or GOES_ON in chunk
            self._numbers.append(self.lines + 1)
            self._offsets.append(self.size)
            self.lines = self._highest(chunk) if self._split else self.lines + chunk.count(b"\n")
            self.size += len(chunk)

    def before(self, number: int) -> int:
        """An offset at or before the beginning of a line."""
        return self._offsets[bisect_right(self._numbers, max(number, 1)) - 1]

    def _highest(self, chunk: bytes) -> int:
        """What a job prints may look like the beginning of an object, which stands at that of a line."""
        found = (int(one[1]) for one in _NUMBER.finditer(chunk) if _begins(chunk, one.start()))
        return max(self.lines, max(found, default=0))


def _begins(chunk: bytes, at: int) -> bool:
    return at == 0 or chunk[at - 1 : at] == b"\n"


def whole_objects(file: IO[bytes]) -> Iterator[bytes]:
    """Chunks that end with a whole object."""
    rest = b""
    while data := file.read(CHUNK):
        end = data.rfind(b"\n") + 1
        if end:
            yield rest + data[:end]
            rest = data[end:]
        else:
            rest += data


def objects(file: IO[bytes], begin: int, end: int) -> Iterator[bytes]:
    """Whole objects between two offsets, each with its newline."""
    file.seek(begin)
    left = end - begin
    for line in file:
        left -= len(line)
        if left < 0 or not line.endswith(b"\n"):
            return
        yield line


def number_of(data: bytes) -> int:
    """Of an object's line; 0: it is none."""
    found = _NUMBER.match(data)
    return int(found[1]) if found else 0
