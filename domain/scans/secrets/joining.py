"""Texts that code puts together: halves in a row, in lists and calls, added over lines, in a format, reversed.

No language is parsed. A joint is what stands between two halves of a text: a quote, code that adds texts, a quote. So
it is the same in every language, and what a comment or an apostrophe does to quotes hides nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from domain.scans.secrets.patterns import compiled
from domain.scans.secrets.pieces import Piece

MAX_PART = 400
"""Bytes of one part; a longer one holds its secret as a whole, or ends the row."""
MAX_BEFORE = 120
"""Bytes of the line before the first part that are kept: the name that a value is given to."""
MAX_REPEATED = 64
LEAST = 16
"""Bytes of a text that can be a secret of a known form."""
_QUOTE = rb"\\{0,3}[\"'`]"
_COMMENT = rb"(?:(?:#|//|--)[^\n]{0,300}\n|/\*(?:[^*]|\*(?!/)){0,300}+\*/|\{#[^#]{0,300}#\}|<!--[^>]{0,300}-->)"
_PREFIX = rb"(?:(?<![\"'`])(?:u8|[rbfuRBFUL@$]{1,2}))?"
_EMPTY = rb"(?:\"\"|''|``)"
_LINE_OF_JSON = rb"\\n[\"'],[ \t\r\n]{0,40}[\"']"
"""Between two lines of a cell of a notebook, within one text for who runs it."""
_ADDS = rb"(?:%b|\\[nr]|_[ \t]{0,4}\r?\n|[ \t\r\n]++|[+.&~|()\\])" % _LINE_OF_JSON
_CODE = (
    rb"(?:%b|\\[nr]|[ \t\r\n]++|[,;+.&~|<()\[\]{}$@!?=%%\\_]|-(?!-)|->|::|:=|:(?=\w{1,20}\()"
    rb"|\w{1,40}+(?=[ \t]{0,4}(?:[+.(\[<&~)},;$|-]|:[:=]|=(?!>))))"
) % _LINE_OF_JSON
"""Code between two halves; without colons and arrows, which part names from values."""


def _between(glue: bytes) -> bytes:
    return rb"%b{0,60}+(?:%b%b{0,60}+){0,3}+%b" % (glue, _COMMENT, glue, _PREFIX)


def _joint(glue: bytes) -> re.Pattern[bytes]:
    """It begins with a byte that is quickly found; every part of it is bounded, so a hostile text takes linear time."""
    halves = (
        rb"(?:(?<=[^\s\"'`][\"'`])|(?<=[A-Za-z] [\"'`])(?=[ \t\r\n+.&~|\\])"
        rb"|(?<=[^\s\"'`]\\)\\{0,2}[\"'`])(?:%b%b)*+%b%b"
        % (
            *(_between(glue), _EMPTY),
            *(_between(glue), _QUOTE),
        )
    )
    opens = rb"(?<=[\w/+=$#-]\{)[ \t]{0,8}(?:%b[ \t]{0,8}\}|%b)" % (_EMPTY, _QUOTE)
    closes = rb"(?<=[\w/+=-][\"'`])[ \t]{0,8}\}"
    nested = rb"%b(?:[$#]?\{[ \t]{0,8}%b)?|%b" % (closes, _QUOTE, opens)
    continued = rb"(?<=[\w/+-]\\)(?:\r?\n[ \t]{0,40}|(?=[A-CE-MO-RTVX-Zceg-mo-qyz/]))|(?<=[^\n]{60}=)\r?\n(?=[^\n]{20})"
    return re.compile(rb"[\"'`\\{=](?:%b|%b|%b)(?=[^\s\"'`])" % (halves, nested, continued))


_JOINT, _ADDED = _joint(_CODE), _joint(_ADDS)
"""All joints, and those that do nothing but add: no comma, no name."""
_END = re.compile(rb"[\"'`\n]|\Z")
_ASSIGNS = re.compile(
    rb"(?<![+.|&~<=!*-])=(?![=>])(?![ \t]{0,8}[\w$.\[\]>-]{1,60}[ \t\r\n\\(]{0,20}(?:[+&~]|\.\.?[ \t]|\|\|))"
)
"""A joint that gives a new name to a text; `+=` and `x = x +` go on with one."""
_PLACEHOLDER = re.compile(rb"%(?:(\d)\$)?-?\d{0,2}[svd]|\{(\d{0,2})\}|%@")
_JOINS = re.compile(rb"\b(?:join|implode|concat_ws|Join)\b")
_MAY_FILL = re.compile(rb"[%{]|join|implode|concat_ws|Join")
_BACKWARDS = compiled(r"\[ ?: ?: ?- ?1 ?\]|[Rr]evers(?:e|ed)\(|\bstrrev\b|\| ?rev\b")
LINES_BEFORE, LINES_AFTER, MAX_BLOCK = 30, 2, 8_000
"""Around a word that reverses: what of it is read backwards."""
_REPEATS = compiled(r"""(?i)["'][ \t]*[*x][ \t]*\d|\d[ \t]*\*[ \t]*["']|repeat|replicate|strrep|String\(\d""")
_TIMES = re.compile(
    rb"([\"'])([^\"'\\\n]{1,40})\1(?:[ \t]{0,4}[*x][ \t]{0,4}|\.repeat\([ \t]{0,4})(\d{1,2})\b\)?"
    rb"|(?:str_repeat|repeat|replicate|strrep)\([ \t]{0,4}([\"'])([^\"'\\\n]{1,40})\4[ \t]{0,4},"
    rb"[ \t]{0,4}(\d{1,2})[ \t]{0,4}\)"
    rb"|\b(\d{1,2})[ \t]{0,4}\*[ \t]{0,4}([\"'])([^\"'\\\n]{1,40})\8",
    re.IGNORECASE,
)

Joint = tuple[int, int]
"""Start and end."""


@dataclass
class Joined:
    """Texts that code puts together."""

    added: list[Piece] = field(default_factory=list)
    """Whose halves are added, with what stands in the line before them."""
    together: list[Piece] = field(default_factory=list)
    """Of which a list, a call or several statements hold the parts, without names."""
    filled: list[Piece] = field(default_factory=list)
    """Formats with their values, and lists with their separator."""


def joined(text: bytes) -> Joined:
    """All of them."""
    made, joints = Joined(), _joints(text)
    adding = {one for one in joints if _adds(text, one)}
    for row in _rows(text, [one for one in joints if one in adding]):
        made.added.append(_row(text, row, max(text.rfind(b"\n", 0, row[0][0]) + 1, row[0][0] - MAX_BEFORE)))
    for row in _rows(text, joints):
        for few in _statements(text, row):
            start = _beginning(text, few[0][0])
            if not adding.issuperset(few) and len((one := _row(text, few, start)).data) >= LEAST:
                made.together.append(one)
                made.filled += _filled(text, few, start)
    return made


def _statements(text: bytes, row: Sequence[Joint]) -> Iterator[Sequence[Joint]]:
    """The joints within each statement, and those between statements that hold nothing but one text."""
    inside: list[Joint] = []
    between: list[Joint] = []
    for one in row:
        if not _ASSIGNS.search(text, *one):
            inside.append(one)
        elif inside:
            yield from filter(None, (inside, between))
            inside, between = [], []
        else:
            between.append(one)
    yield from filter(None, (inside, between))


def backwards(text: bytes) -> Iterator[Piece]:
    """The lines around a word that reverses, reversed."""
    done = 0
    for match in _BACKWARDS.finditer(text):
        if match.start() < done:
            continue
        start, done = match.start(), match.end()
        for _ in range(LINES_BEFORE + 1):
            start = text.rfind(b"\n", max(match.start() - MAX_BLOCK, 0), max(start, 0))
        for _ in range(LINES_AFTER + 1):
            done = text.find(b"\n", done + 1, match.end() + MAX_BLOCK) if done >= 0 else done
        first = start + 1 if start >= 0 else max(match.start() - MAX_BLOCK, 0)
        done = done if done >= 0 else min(match.end() + MAX_BLOCK, len(text))
        yield Piece(text[first:done][::-1], ((0, done - 1),), -1)


def repeated(text: bytes) -> Iterator[Piece]:
    """Lines in which a text is repeated, with all its repetitions."""
    done = 0
    for match in _REPEATS.finditer(text):
        if match.start() < done:
            continue
        start = max(text.rfind(b"\n", 0, match.start()) + 1, match.start() - MAX_PART)
        done = match.end() + MAX_PART
        line = text.find(b"\n", match.end(), done)
        done = done if line < 0 else line
        if (made := _TIMES.sub(_expanded, text[start:done])) != text[start:done]:
            yield Piece(made, ((0, start),), 0)


def bared(text: bytes) -> Iterator[Piece]:
    """Texts of which a call takes something away, without it."""
    for match in _TAKES.finditer(text):
        start = _beginning(text, match.start())
        if found := _TAKEN.match(text, match.start()):
            yield Piece(text[start : match.start()].replace(found[1], b""), ((0, start),), 0)


_TAKES = compiled(r"""["']\.(?:replace|replaceAll|split|gsub|delete|remove)\(""")
_TAKEN = re.compile(rb"[\"']\.\w{5,10}\([ \t]{0,4}[\"'/]([^\"'/\n]{1,10})[\"'/]")


def _expanded(match: re.Match[bytes]) -> bytes:
    value, times = (match[2] or match[5] or match[9]), int(match[3] or match[6] or match[7])
    return b'"' + value * min(times, MAX_REPEATED) + b'"'


def _joints(text: bytes) -> list[Joint]:
    """A `$` before a brace belongs to it."""
    return [
        (start - (text[start : start + 1] == b"{" and text[start - 1 : start] in (b"$", b"#")), end)
        for start, end in (match.span() for match in _JOINT.finditer(text))
    ]


def _adds(text: bytes, joint: Joint) -> bool:
    found = _ADDED.match(text, joint[0] + (text[joint[0] : joint[0] + 1] in (b"$", b"#")))
    return bool(found and found.end() == joint[1])


def _rows(text: bytes, joints: Sequence[Joint]) -> Iterator[list[Joint]]:
    """Joints with nothing but a part of a text between each other."""
    row: list[Joint] = []
    for one in joints:
        if row and (one[0] - row[-1][1] > MAX_PART or _end(text, row[-1][1], one[0]) < one[0]):
            yield row
            row = []
        row.append(one)
    if row:
        yield row


def _end(text: bytes, start: int, last: int) -> int:
    """Where a text that begins there ends: at a quote, at the end of its line, or there."""
    found = _END.search(text, start, last)
    return found.start() if found else last


def _beginning(text: bytes, at: int) -> int:
    """Where the text begins that ends there."""
    before = text[max(at - MAX_PART, 0) : at]
    return at - len(before) + max(before.rfind(quote) for quote in _QUOTES) + 1


_QUOTES = (b'"', b"'", b"`", b"\n")


def _row(text: bytes, row: Sequence[Joint], start: int) -> Piece:
    """The parts without the joints between them, and the quote that ends them."""
    last = min(_end(text, row[-1][1], row[-1][1] + MAX_PART) + 1, len(text))
    return _made(text, list(zip((start, *(one[1] for one in row)), (*(one[0] for one in row), last), strict=True)))


def _made(text: bytes, parts: Sequence[tuple[int, int]]) -> Piece:
    made, places, size = [], [], 0
    for start, end in parts:
        places.append((size, start))
        made.append(text[start:end])
        size += end - start
    return Piece(b"".join(made), tuple(places))


def _filled(text: bytes, row: Sequence[Joint], start: int) -> Iterator[Piece]:
    """The parts as a format or a separator among them puts them together."""
    last = _end(text, row[-1][1], row[-1][1] + MAX_PART)
    if not _MAY_FILL.search(text, max(start - 24, 0), last):
        return
    parts = list(zip((start, *(one[1] for one in row)), (*(one[0] for one in row), last), strict=True))
    for number, one in enumerate(parts[:-1]):
        if holes := list(_PLACEHOLDER.finditer(text, *one)):
            before = max(text.rfind(b"\n", 0, one[0]) + 1, one[0] - MAX_BEFORE)
            filled = _with(parts[number : number + len(holes) + MAX_FILLED], holes)
            yield _made(text, [(before, one[0]), *filled, (last, last + 1)])
        elif _JOINS.search(text, *row[number]):
            yield _made(text, list(_separated(parts[number + 1 :], one)))
    if _JOINS.search(text, *row[-1]):
        yield _made(text, list(_separated(parts[:-1], parts[-1])))
    elif _JOINS.search(text, max(start - 24, 0), start):
        yield _made(text, list(_separated(parts[1:], parts[0])))


MAX_FILLED = 8
"""Further values of a format than it has places."""


def _with(parts: Sequence[Joint], holes: Sequence[re.Match[bytes]]) -> Iterator[Joint]:
    """The first part with the others in its holes, by their number or in order."""
    at = parts[0][0]
    for order, hole in enumerate(holes):
        yield at, hole.start()
        number = int(hole[1]) - 1 if hole[1] else int(hole[2]) if hole[2] else order
        if 0 <= number < len(parts) - 1:
            yield parts[number + 1]
        at = hole.end()
    yield at, parts[0][1]


def _separated(parts: Sequence[Joint], separator: Joint) -> Iterator[Joint]:
    for number, one in enumerate(parts):
        if number:
            yield separator
        yield one
