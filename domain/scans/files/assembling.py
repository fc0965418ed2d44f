"""Parts of a file put together to a program, each on the line that it has in the file, as far as that can be."""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from domain.scans.files.pieces import MAX_PLACES, NotReadable, Piece, Place

_NOT_BREAK = re.compile(r"[^\r\n]")


@dataclass(frozen=True)
class Part:
    """Code that goes from one letter of a file to another. `segments`: what it reads, and where each comes from."""

    start: int
    end: int
    segments: tuple[tuple[int, str], ...]
    sign: str = ";"
    """What ends it, instead of the letter behind it: two scripts on one line are two programs."""

    @property
    def text(self) -> str:
        """All of it."""
        return "".join(text for _, text in self.segments)


@dataclass
class _Lines:
    """A text as it grows, and for each of its lines the one of the file."""

    starts: list[int]
    text: list[str] = field(default_factory=list)
    lines: list[int] = field(default_factory=lambda: [1])
    blank: bool = True
    """Nothing but blanks stand on the last line."""

    def put(self, at: int, text: str, literal: bool) -> None:
        """`literal`: it stands so in the file, with its line breaks."""
        line = bisect(self.starts, at)
        first, *rest = text.split("\n")
        if self.blank and first.strip():
            self.lines[-1], self.blank = line, False
        self.lines += [line + number * literal for number in range(1, len(rest) + 1)]
        self.blank = not rest[-1].strip() if rest else self.blank
        self.text.append(text)


def layers(parts: Iterable[Part]) -> list[list[Part]]:
    """The parts, each once, so that those of one layer do not overlap: readings can contradict each other."""
    made: list[list[Part]] = []
    seen: set[tuple[int, str]] = set()
    for part in sorted(parts, key=lambda one: (one.start, one.end)):
        if (part.start, part.text) in seen:
            continue
        seen.add((part.start, part.text))
        free = next((layer for layer in made if layer[-1].end <= part.start), None)
        if free is None:
            made.append([part])
        else:
            free.append(part)
    return made


def piece(text: str, parts: Sequence[Part], suffix: str) -> Piece:
    """The parts in their places, and blanks elsewhere. They must be in order, and not overlap.

    Raises:
        NotReadable: it has too many lines.
    """
    starts = [0, *(found.end() for found in re.finditer("\n", text))]
    made, at = _Lines(starts), 0
    for part in parts:
        made.put(at, _NOT_BREAK.sub(" ", text[at : part.start]), True)
        for place, one in part.segments:
            made.put(place, one, text.startswith(one, place) or len(one) == part.end - part.start)
        made.put(part.end, part.sign, True)
        at = part.end + (text[part.end : part.end + 1] not in ("", "\r", "\n"))
    made.put(at, _NOT_BREAK.sub(" ", text[at:]), True)
    if len(made.lines) > MAX_PLACES:
        raise NotReadable(f"its scripts have more than {MAX_PLACES:,} lines")
    same = made.lines == list(range(1, len(made.lines) + 1))
    return Piece("".join(made.text), suffix, () if same else tuple(map(Place, made.lines)))
