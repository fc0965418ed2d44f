"""The text of a file, whatever it is encoded in: what a compiler reads, not what the bytes look like."""

from __future__ import annotations

import codecs
import re

from domain.scans.files.kinds import encoding_of
from domain.scans.files.languages import language_of
from domain.scans.files.pieces import MAX_PLACES, NotReadable, Piece

_COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
"""Source: docs.python.org/3/reference/lexical_analysis.html#encoding-declarations."""
_LIKE_ASCII = re.compile(
    r"utf-8(-sig)?|ascii|iso8859-\d+|cp(125\d|437|720|737|775|85[0-8]|86[0-35-9]|874|1006)|koi8-[rtu]|kz1048|ptcp154|tis-620"
    r"|mac-(roman|cyrillic|greek|iceland|latin2|turkish|croatian|romanian)|hp-roman8|palmos"
)
"""Encodings with one byte for a letter, the same for those of ASCII: what tools take them for changes no code."""
_SLOW = frozenset({"punycode", "idna", "undefined", "mbcs", "oem"})
"""Encodings of names, whose decoders take time as the square of what they read, and those of other systems."""
_CHARSET = re.compile(rb"""<(?:meta|\?xml)\b[^>]{0,300}?(?:charset|encoding)\s*=\s*["']?\s*([\w-]{1,40})""", re.I)
_OF_PAGES = re.compile(r"gb.*|big5.*|shift.*|cp932|euc.*|iso2022_jp.*|johab|hz|cp949")
"""What browsers decode so that bytes of ASCII can be parts of other letters."""


def transcoded(data: bytes, language: str, page: bool = False) -> str | None:
    """The text where it is not what its bytes look like as UTF-8 or Latin-1; None: they can be read as they are.

    Raises:
        NotReadable: it is not in the encoding that it names.
    """
    encoding = encoding_of(data)
    if encoding != "utf-8":
        return data.decode(encoding, "replace").lstrip("\ufeff")
    if page and (declared := _CHARSET.search(data[:_DECLARED_WITHIN])):
        name = _known(declared[1])
        return data.decode(name, "replace") if _OF_PAGES.fullmatch(name) else None
    if language != "python" or not (name := cookie(data)):
        return None
    try:
        if name in _SLOW:
            raise LookupError
        text = data.decode(name)
    except (UnicodeError, LookupError, ValueError, TypeError, OSError) as broken:  # OSError: no file may be opened
        raise NotReadable(f"it is not in {name}, which it says it is") from broken
    rest = _TWO_LINES.match(text)
    end = rest.end() if rest else len(text)
    return text[:end].replace("coding", "c0ding") + text[end:]  # it is in UTF-8 from here on


_TWO_LINES = re.compile(r"(?:[^\r\n]*+(?:\r\n|\r|\n|\Z)){2}")
_DECLARED_WITHIN = 1_024
"""Bytes of a page in which browsers look for its encoding."""


def _known(name: bytes) -> str:
    """The name that Python has for an encoding; empty: none."""
    try:
        return codecs.lookup(name.decode("ascii", "replace")).name
    except (LookupError, ValueError, OSError):
        return ""


def with_plain_lines(text: str, language: str) -> tuple[str, tuple[int, ...]]:
    """The text with every line break that its language knows as the one that every tool knows.

    Also, for each line, its number in the file as editors count them; empty: they are the same. A lone carriage return
    ends a comment for Python and JavaScript, and so does U+2028 for JavaScript, but not for every scanner.

    Raises:
        NotReadable: it has too many lines.
    """
    breaks = _BREAKS.get(language)
    if not breaks or not breaks.search(text):
        return text, ()
    if sum(text.count(sign) for sign in "\r\n\u2028\u2029") > MAX_PLACES:
        raise NotReadable(f"it has unusual line breaks, and more than {MAX_PLACES:,} lines")
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
    """The encoding that Python source declares in its first two lines, unless tools may read its bytes as ASCII.

    The second line counts if there is no code on the first.
    """
    for line in _ANY_BREAK.split(data.removeprefix(codecs.BOM_UTF8), 2)[:2]:
        if found := _COOKIE.match(line):
            name = found[1].decode("ascii", "replace").lower()
            known = _known(_EDITORS.sub(rb"\1", found[1]))
            return "" if _LIKE_ASCII.fullmatch(known) else (known or name).replace("-", "_")
        if not _NO_CODE.match(line):
            break
    return ""


_EDITORS = re.compile(rb"(?i)^(utf[-_]8|latin[-_]1|iso[-_]8859[-_]1)[-_][a-z].*")
"""Names to which editors add how lines end: the interpreter does not mind."""
_ANY_BREAK = re.compile(rb"\r\n|\r|\n")
_NO_CODE = re.compile(rb"[ \t\f\r]*(?:#|$)")
