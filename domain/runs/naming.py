"""What somebody types who looks for a run: its id and its commit are looked up, anything else is searched for."""

from __future__ import annotations

import re
from dataclasses import dataclass

from domain.core import ids

_COMMIT = re.compile("[0-9a-f]{7,40}")
MOST_RUNS = 2**31
"""Numbers of runs are below it: a database's integer."""


@dataclass(frozen=True, kw_only=True)
class Named:
    """A run and all its attempts; or the runs of a commit."""

    pipeline: str = ""
    number: int = 0
    commit: str = ""
    """Its first digits, seven at least; empty: a run is named."""


def named_by(text: str) -> Named | None:
    """`web-shop/142` or `web-shop#142`, or the beginning of a commit; None: the text names nothing."""
    lower = text.strip().lower()
    if _COMMIT.fullmatch(lower):
        return Named(commit=lower)
    try:
        pipeline, number, _ = ids.split_run(lower)
    except ValueError:
        return None
    return Named(pipeline=pipeline, number=number) if number < MOST_RUNS else None
