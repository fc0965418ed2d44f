"""What pages with lists have in common: which part is asked for."""

from __future__ import annotations

from workers.client.ports.pages import PageOf
from workers.console.rendering import Ask

LONGEST = 200
"""Of a filter's text, in characters."""


def part(request: Ask, limit: int = 50) -> PageOf:
    """`?after=…`: what the page before gave as its next one."""
    return PageOf(after=asked(request, "after", longest=2_000), limit=limit)


def asked(request: Ask, name: str, *, longest: int = LONGEST) -> str:
    """A value of the query, cut to a bound; empty: it is not there."""
    return str(request.query_params.get(name, ""))[:longest].strip()
