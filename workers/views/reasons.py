"""Reasons that say what, why and what to do, over as many lines."""

from __future__ import annotations

import re

from workers.views.output import out

_PARTS = re.compile(r"; (?=because |to fix it: )")
INDENT = " " * 6


def parts(reason: str) -> list[str]:
    """What, why and what to do; of any other reason the whole."""
    return _PARTS.split(reason)


def out_more(reason: str) -> None:
    """Prints all but the first part, a line each, below the line that has that one."""
    for part in parts(reason)[1:]:
        out(f"{INDENT}{part}")
