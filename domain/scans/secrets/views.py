"""The ways to read a file's bytes: as they are, and as what hides or encodes a text would be read by its users.

Each view knows the line of the file at each of its places. What was made of a view is read in all ways again,
within bounds: base64 in base64, in two strings, backwards.
"""

from __future__ import annotations

import codecs
import re
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain

from domain.scans.secrets.bounds import DEPTH, FORMS, READ, Reached
from domain.scans.secrets.decoding import ESCAPED, ESCAPES, numbered, uncoded, unescaped
from domain.scans.secrets.joining import backwards, bared, joined, repeated
from domain.scans.secrets.patterns import compiled
from domain.scans.secrets.pieces import Piece, Pieces
from domain.scans.secrets.streams import streams

_CONTROL = bytes([*range(9), 11, 12, *range(14, 32), 127])
_CONTROLS = compiled(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_UNSEEN = re.compile(
    rb"\xe2\x80[\x8b-\x8f\xaa-\xae]|\xe2\x81[\xa0-\xaf]|\xef\xbb\xbf|\xc2\xad|\xef\xb8[\x80-\x8f]|\xcd\x8f"
)
_UNSEEN_ANY = compiled(_UNSEEN.pattern.decode())
"""In UTF-8: zero-width and directional characters, byte order marks, soft hyphens, variation selectors."""
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


_WORD = re.compile(rb"\w")


@dataclass(frozen=True, eq=False)
class View:
    """One way to read the bytes."""

    data: bytes
    name: str = ""
    """How it was read, for people: `UTF-16`, `base64`; empty: as it is."""
    origin: Callable[[int], int] | None = None
    """A place here to the place in the view that it was made of; None: line ends were kept."""
    parent: View | None = None

    @cached_property
    def _line_ends(self) -> list[int]:
        end = b"\n" if b"\n" in self.data else b"\r"
        return [match.start() for match in re.finditer(end, self.data)]

    @cached_property
    def _cells(self) -> list[int]:
        """The key that every cell of a notebook begins with; nbformat sorts keys."""
        return [match.start() for match in re.finditer(b'"cell_type"', self.data)]

    def begins(self, at: int) -> bool:
        """Whether a part of a text begins at a place of this view, or no letter and no digit is before it."""
        if not _WORD.match(self.data[at - 1 : at]):
            return True
        return isinstance(self.origin, Pieces) and self.origin.begins(at)

    def line(self, at: int) -> int:
        """The line of the file, from 1, at a place of this view."""
        if self.origin and self.parent:
            return self.parent.line(self.origin(at))
        return bisect_right(self._line_ends, at - 1) + 1

    def cell(self, at: int) -> int:
        """The cell of a notebook, from 1, at a place of this view; 0: before the first."""
        if self.origin and self.parent:
            return self.parent.cell(self.origin(at))
        return bisect_right(self._cells, at)


def without_controls(value: bytes) -> bytes:
    """The value as it is in a view without control characters."""
    return _UNSEEN.sub(b"", value.translate(None, _CONTROL))


@dataclass
class Reading:
    """How one text is read: what is looked at elsewhere, and which bounds were reached."""

    apart: Container[int] = ()
    """Where compressed streams begin that are looked at by themselves."""
    reached: Reached = field(default_factory=Reached)
    unfinished: int = -1
    """Where a compressed stream begins that goes on after the data; -1: none does."""


def views(data: bytes, reading: Reading | None = None) -> Iterator[View]:
    """All ways to read the bytes that differ from each other; the first is as they are."""
    reading, plain = reading or Reading(), View(data)
    yield plain
    visible, wide = _visible(plain), _wide(plain)
    bases = [visible or plain, *([wide] if wide else [])]
    yield from (one for one in bases if one is not plain)
    packed = list(_unpacked(plain, reading)) if visible else []
    yield from packed
    bases += packed
    yield from _forms(bases, FORMS.most * sum(len(one.data) for one in bases) + _ALWAYS, reading.reached)


_ALWAYS = 4_000_000
"""Bytes of what texts stand for, in however small a file."""


def _forms(bases: Iterable[View], left: int, reached: Reached) -> Iterator[View]:
    """What the texts stand for, and what that stands for, as long as bytes are left for it."""
    waiting = deque((one, 1) for one in bases)
    while waiting:
        one, depth = waiting.popleft()
        if depth > DEPTH.most:
            if next(uncoded(one.data, reached), None):
                reached.say(DEPTH)
            continue
        for made in _made_of(one, reached):
            left -= len(made.data)
            if left < 0:
                reached.say(FORMS)
                return
            yield made
            waiting.append((made, depth + 1))


def _unpacked(plain: View, reading: Reading) -> Iterator[View]:
    """What is compressed in it, and in that again."""
    found, text = list(streams(plain.data, reading.reached, reading.apart)), plain
    reading.unfinished = next((one.at for one in found if not one.ended), -1)
    for _ in range(DEPTH.most):
        readable = _listed(text, "compressed", (Piece(without_controls(one.made), ((0, one.at),), 0) for one in found))
        whole = _listed(text, "compressed", (Piece(one.made, ((0, one.at),), 0) for one in found))
        if not whole:
            return
        if readable:
            yield readable
        text, found = whole, list(streams(whole.data, reading.reached, times=_times(whole.data)))
    if found:
        reading.reached.say(DEPTH)


def _times(unpacked: bytes) -> int:
    """How often it may be read: pixels often begin like streams and are none, which costs little where they are few."""
    return READ.most if len(unpacked) <= _FEW else 1


_FEW = 1_000_000
"""Bytes."""


def _visible(plain: View) -> View | None:
    """Without what an editor does not show; None: it has nothing of that."""
    if not _CONTROLS.search(plain.data) and not _UNSEEN_ANY.search(plain.data):
        return None
    without = plain.data.translate(None, _CONTROL)
    if _UNSEEN_ANY.search(without):
        without = _UNSEEN.sub(b"", without)
    return View(without, "without control characters")


def _wide(plain: View) -> View | None:
    """As UTF-16 or UTF-32, if it says so, or looks so; None: neither."""
    mark, encoding = next((one for one in _BOMS if plain.data.startswith(one[0])), (b"", _unmarked(plain.data)))
    if not encoding:
        return None
    text = plain.data[len(mark) :].decode(encoding, "replace").encode("utf-8", "replace")
    return View(text, encoding[:6].upper())


def _unmarked(data: bytes) -> str:
    """The encoding of a text without a mark, in which nearly every second or fourth byte is 0."""
    head = data[:4_096]
    if len(head) < 8 or len(data) % 2:
        return ""
    full = tuple(head[at::4].count(0) > 0.8 * len(head[at::4]) for at in range(4))
    return _ZEROS.get(full, "")


_ZEROS: dict[tuple[bool, ...], str] = {
    (False, True, True, True): "utf-32-le",
    (True, True, True, False): "utf-32-be",
    (False, True, False, True): "utf-16-le",
    (True, False, True, False): "utf-16-be",
}
"""Which of four bytes in a row are nearly always 0."""


def _made_of(text: View, reached: Reached) -> Iterator[View]:
    """What is written in it in another way, undone once."""
    if ESCAPED.search(text.data):
        yield _replaced(text, ESCAPES, unescaped, "escapes")
    if text.name not in (JOINED, TOGETHER, FILLED):
        texts = joined(text.data)
        yield from _some(_listed(text, JOINED, texts.added))
        yield from _some(_listed(text, TOGETHER, texts.together))
        yield from _some(_listed(text, FILLED, texts.filled))
        yield from _some(_listed(text, "repeated", chain(repeated(text.data), bared(text.data))))
        if text.name != BACKWARDS:
            yield from _some(_listed(text, BACKWARDS, backwards(text.data)))
    yield from _some(_listed(text, "base64", uncoded(text.data, reached)))
    yield from _some(_listed(text, "numbers", numbered(text.data)))


def _some(view: View | None) -> Iterator[View]:
    if view:
        yield view


JOINED, TOGETHER, FILLED, BACKWARDS = "joined", "put together", "filled in", "backwards"


def _replaced(text: View, pattern: re.Pattern[bytes], replace: Callable[[re.Match[bytes]], bytes], name: str) -> View:
    """Only pieces of bounded length are matched, so the standard library's expressions are safe here and faster."""
    return View(pattern.sub(replace, text.data), name, _Origin(text.data, pattern, replace), text)


class _Origin:
    """Finds places again, by doing once more what made the view: rarely asked for, since few views hold a secret."""

    def __init__(self, data: bytes, pattern: re.Pattern[bytes], replace: Callable[[re.Match[bytes]], bytes]) -> None:
        self._data, self._pattern, self._replace = data, pattern, replace

    @cached_property
    def _shifts(self) -> tuple[list[int], list[int]]:
        """Places here after each replaced piece, and the same places in the original."""
        here, there, lost = [0], [0], 0
        for match in self._pattern.finditer(self._data):
            made = len(self._replace(match))
            lost += match.end() - match.start() - made
            here.append(match.end() - lost)
            there.append(match.end())
        return here, there

    def __call__(self, at: int) -> int:
        here, there = self._shifts
        index = bisect_right(here, at) - 1
        return there[index] + at - here[index]


def _listed(text: View, name: str, pieces: Iterable[Piece]) -> View | None:
    """Pieces that were made of parts of the text, below one another; None: there are none."""
    made = Pieces(pieces)
    return View(made.data, name, made, text) if made.data else None
