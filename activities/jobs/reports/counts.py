"""Numbers in coverage reports, which are somebody else's: strict, and bounded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from domain.jobs.coverage import Measured

MAX_PER_PLACE = 10_000
"""Branches of one line, or statements of one block."""
_HITS = re.compile(r"-?(\d{1,40}(?:\.\d{1,40})?)(?:e\+?\d{1,4})?", re.IGNORECASE)


def whole(element: Element, name: str) -> int:
    """A number from 0 to 999,999,999.

    Raises:
        ValueError: it is missing, or something else.
    """
    text = element.get(name, "")
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise ValueError(f"<{element.tag}> has {name}={text[:20]!r}, which is no count")
    return int(text)


def ran(element: Element, name: str) -> bool:
    """As `hit`, for an attribute."""
    return hit(element.get(name, ""), f"<{element.tag}> has {name}")


def hit(text: str, where: str) -> bool:
    """Whether a number of executions is above zero; some tools write an overflow as a negative one.

    Raises:
        ValueError: it is no number.
    """
    found = _HITS.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{where} {text[:20]!r}, which is no number of executions")
    return not text.strip().startswith("-") and found.group(1).strip("0.") != ""


def branches(file: str, line: int, covered: int, total: int) -> Iterator[Measured]:
    """Branches of a line that are only counted.

    Raises:
        ValueError: there are too many.
    """
    if total > MAX_PER_PLACE:
        raise ValueError(f"line {line} has {total:,} branches, and at most {MAX_PER_PLACE:,} are read")
    for at in range(total):
        yield Measured(file, (line, at), at < covered, is_branch=True)
