"""The text of a file, whatever it is encoded in: what a compiler reads, not what the bytes look like."""

from __future__ import annotations

import codecs
import re

from domain.scans.files.kinds import encoding_of
from domain.scans.files.languages import language_of
from domain.scans.files.pieces import NotReadable, Piece

_COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
"""Source: docs.python.org/3/reference/lexical_analysis.html#encoding-declarations."""
_UNLIKE_ASCII = re.compile(
    r"utf_?7.*|u7|unicode_1_1_utf_7|(raw_?)?unicode_?escape|hz.*|iso_?2022.*|csiso2022.*|cp(037|273|424|500|875|1026"
    r"|1140)|ebcdic.*|ibm.*|utf_?(16|32).*|u(16|32)"
)
"""Encodings in which harmless bytes can be other code than they look like. Names as `_` separates them."""


def transcoded(data: bytes, language: str) -> str | None:
    """The text where it is not what its bytes look like as UTF-8 or Latin-1; None: they can be read as they are.

    Raises:
        NotReadable: it is not in the encoding that it names.
    """
    encoding = encoding_of(data)
    if encoding != "utf-8":
        return data.decode(encoding, "replace").lstrip("\ufeff")
    if language != "python" or not (name := cookie(data)):
        return None
    try:
        text = codecs.decode(data, name)
    except (UnicodeError, LookupError, ValueError, TypeError) as broken:
        raise NotReadable(f"it is not in {name}, which it says it is") from broken
    assert isinstance(text, str)
    return text.replace("coding", "c0ding", 1)  # it is in UTF-8 from here on


def with_plain_lines(text: str, language: str) -> tuple[str, tuple[int, ...]]:
    """The text with every line break that its language knows as the one that every tool knows.

    Also, for each line, its number in the file as editors count them; empty: they are the same. A lone carriage return
    ends a comment for Python and JavaScript, and so does U+2028 for JavaScript, but not for every scanner.
    """
    breaks = _BREAKS.get(language)
    if not breaks or not breaks.search(text):
        return text, ()
    made, lines, number = [], [], 1
    for line in _LINES.split(text):
        parts = breaks.split(line)
        made += parts
        lines += [number] * len(parts)
        number += 1
    return "\n".join(made), tuple(lines)


def in_plain_lines(piece: Piece) -> Piece:
    """The same code with line breaks that every tool knows."""
    plain, lines = with_plain_lines(piece.text, language_of(piece.suffix, b""))
    return Piece(plain, piece.suffix, tuple(map(piece.place, lines))) if lines else piece


_LINES = re.compile(r"\r\n|\n")
_BREAKS = {
    "python": re.compile(r"\r(?!\n)"),
    "javascript": re.compile("\r(?!\n)|[\u2028\u2029]"),
    "typescript": re.compile("\r(?!\n)|[\u2028\u2029]"),
}


def cookie(data: bytes) -> str:
    """The encoding that Python source declares in its first two lines, if its bytes are not to be read as ASCII."""
    for line in data[:2_000].split(b"\n")[:2]:
        if found := _COOKIE.match(line.removeprefix(codecs.BOM_UTF8)):
            name = found[1].decode("ascii", "replace").lower().replace("-", "_")
            return name if _UNLIKE_ASCII.fullmatch(name) else ""
    return ""
