"""What pages with lists have in common: which part is asked for, and what stands where a part cannot be had."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TypeVar

from domain.core.errors import SluicewayError
from workers.client.ports.pages import MOST, PageOf
from workers.console.rendering import Ask

T = TypeVar("T")
LONGEST = 200
"""Of a filter's text, in characters."""


def part(request: Ask, limit: int = 50) -> PageOf:
    """`?after=…`: what the page before gave as its next one. `?rows=…`: so many are shown, and are renewed at once."""
    shown = asked(request, "rows", longest=3)
    rows = min(int(shown), MOST) if shown.isascii() and shown.isdecimal() else 0
    return PageOf(after=asked(request, "after", longest=2_000), limit=max(limit, rows))


def asked(request: Ask, name: str, *, longest: int = LONGEST) -> str:
    """A value of the query, cut to a bound; empty: it is not there."""
    return str(request.query_params.get(name, ""))[:longest].strip()


async def found(what: Awaitable[T]) -> T | SluicewayError:
    """One part of a page of several: its error stands in its place, and the other parts are shown."""
    try:
        return await what
    except SluicewayError as error:
        return error
