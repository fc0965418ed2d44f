"""The ways to read a file's bytes: as they are, and as what hides or encodes a text would be read by its users.

Each view knows the line of the file at each of its places. Encodings are undone once: base64 in base64 is data.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import html
import re
import zlib
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote_to_bytes

from domain.scans.secrets.patterns import compiled
from domain.scans.secrets.streams import inflated, streams

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
_ESCAPES = re.compile(
    rb"\\u00[0-9A-Fa-f]{2}|\\x[0-9A-Fa-f]{2}|\\u\{[0-9A-Fa-f]{2}\}|\\[0-3][0-7]{2}|%[0-9A-Fa-f]{2}"
    rb"|&#[0-9]{2,3};|&#[xX][0-9A-Fa-f]{2};|&(?:quot|amp|lt|gt|apos);"
)
_ESCAPED = compiled(_ESCAPES.pattern.decode())
_JOINT = re.compile(
    rb"\\\r?\n[ \t]{0,40}"
    rb"|([\"'])[ \t]{0,40}(?:\\|[+.&~]|\.\.)?[ \t]{0,40}\r?\n?[ \t]{0,60}[+.&~]?[ \t]{0,8}[rbfuRBFU]{0,2}\1"
)
"""What stands between two halves of one text: a continued line, or strings in a row, added or not."""
_JOINED = compiled(r"""\\\r?\n|["'][ \t]*(?:[+.&~\\]|\.\.)?[ \t]*\r?\n?[ \t]*[+.&~]?[ \t]*[rbfuRBFU]{0,2}["']""")
_CODED = compiled(r"(?:[A-Za-z0-9+/]{40,}\r?\n[ \t]*)+[A-Za-z0-9+/]{2,}={0,2}|[A-Za-z0-9+/_-]{20,}={0,2}")
"""Base64, in lines or not, and hexadecimal digits."""
_PRINTABLE = bytes([9, 10, 13, *range(32, 127)])
_LEAST_PRINTABLE = 0.95
MAX_INFLATED = 4_000_000
"""Of what is compressed and in base64, in bytes."""


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


def views(data: bytes) -> Iterator[View]:
    """All ways to read the bytes that differ from each other; the first is as they are."""
    plain = View(data)
    yield plain
    visible = _visible(plain)
    bases = [visible or plain, *filter(None, [_wide(plain)])]
    yield from (one for one in bases if one is not plain)
    for one in bases:
        yield from _decoded(one)
    if visible and (packed := _listed(plain, "compressed", streams(data))):
        yield packed


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


def _decoded(text: View) -> Iterator[View]:
    if _ESCAPED.search(text.data):
        yield _replaced(text, _ESCAPES, _unescaped, "escapes")
    if _JOINED.search(text.data):
        yield _replaced(text, _JOINT, lambda match: b"", "joined")
    if coded := _uncoded(text):
        yield coded


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


def _unescaped(match: re.Match[bytes]) -> bytes:
    text = match[0]
    if text[:1] == b"&":
        return html.unescape(text.decode("ascii")).encode("utf-8")
    if text[:1] == b"%":
        return unquote_to_bytes(text)
    digits = text.strip(b"\\ux{}")
    return bytes([int(digits, 8 if text[1:2] in b"0123" else 16)])


def _uncoded(text: View) -> View | None:
    """Everything in it that decodes to a text."""
    return _listed(text, "base64", ((match.start(), _text_in(match.group())) for match in _CODED.finditer(text.data)))


def _listed(text: View, name: str, pieces: Iterable[tuple[int, bytes]]) -> View | None:
    """Pieces that were made of parts of the text, below one another; None: there are none."""
    parts, starts, origins, size = [], [], [], 0
    for at, made in pieces:
        if made:
            starts.append(size)
            origins.append(at)
            parts.append(made)
            size += len(made) + 1
    if not parts:
        return None
    return View(b"\n".join(parts), name, lambda at: origins[bisect_right(starts, at) - 1], text)


def _text_in(coded: bytes) -> bytes:
    """The text that this is the base64 or the hexadecimal digits of; empty: it is data."""
    bare = b"".join(coded.split()).rstrip(b"=")
    for decode in (_hexadecimal, _base64):
        made = decode(bare)
        if made[:2] in (b"\x1f\x8b", b"x\x9c", b"x\xda"):
            made = inflated(made, MAX_INFLATED, zlib.MAX_WBITS | 32)
        made = made.replace(b"\0", b"")
        if len(made) >= 8 and len(made.translate(None, _PRINTABLE)) <= (1 - _LEAST_PRINTABLE) * len(made):
            return made
    return b""


def _hexadecimal(digits: bytes) -> bytes:
    try:
        return bytes.fromhex(digits.decode("ascii"))
    except ValueError:
        return b""


def _base64(digits: bytes) -> bytes:
    whole = digits[: len(digits) - (len(digits) % 4 == 1)]
    try:
        return base64.b64decode(whole.translate(_STANDARD) + b"=" * (-len(whole) % 4))
    except binascii.Error:
        return b""


_STANDARD = bytes.maketrans(b"-_", b"+/")
