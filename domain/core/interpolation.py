"""Finds `${{ … }}` in a text in one pass, without a backtracking pattern."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

OPEN, CLOSE = "${{", "}}"


@dataclass(frozen=True, slots=True)
class Interpolation:
    """One `${{ … }}`. Positions count characters of the whole text."""

    start: int
    end: int
    """After the closing braces; the end of the text if they are missing."""
    expression: str
    """Without surrounding space."""
    offset: int
    """Start of the expression."""
    closed: bool = True


def interpolations(text: str) -> Iterator[Interpolation]:
    """All of them in order. One without an end before the next one, or at the end of the text, has `closed` false."""
    start = text.find(OPEN)
    while start >= 0:
        end, closed = _end(text, start + len(OPEN))
        inside = text[start + len(OPEN) : end - len(CLOSE) if closed else end]
        offset = start + len(OPEN) + len(inside) - len(inside.lstrip())
        yield Interpolation(start, end, inside.strip(), offset, closed)
        start = text.find(OPEN, end)


def whole(text: str) -> Interpolation | None:
    """The interpolation that makes up the whole text, apart from surrounding space; None: any other text."""
    stripped = text.strip()
    first = next(interpolations(stripped), None)
    return first if first and first.closed and (first.start, first.end) == (0, len(stripped)) else None


def _end(text: str, at: int) -> tuple[int, bool]:
    """The position after the closing `}}`; braces in quotes, and those of maps, do not count."""
    depth, quote = 0, ""
    while at < len(text):
        char = text[at]
        if quote:
            at += char == "\\"
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char == "{":
            depth += 1
        elif char == "}" and depth:
            depth -= 1
        elif text.startswith(CLOSE, at):
            return at + len(CLOSE), True
        elif text.startswith(OPEN, at):
            return at, False
        at += 1
    return len(text), False
