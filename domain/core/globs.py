"""Path and ref patterns as in .gitignore: `*` within a segment, `**` across segments, `?`, `!` to exclude again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache


@lru_cache(maxsize=1024)
def _regex(pattern: str) -> re.Pattern[str]:
    out, i = [], 0
    while i < len(pattern):
        if pattern.startswith("**/", i):
            out.append("(?:.*/)?")
            i += 3
        elif pattern.startswith("**", i):
            out.append(".*")
            i += 2
        elif pattern[i] == "*":
            out.append("[^/]*")
            i += 1
        elif pattern[i] == "?":
            out.append("[^/]")
            i += 1
        else:
            out.append(re.escape(pattern[i]))
            i += 1
    return re.compile("".join(out) + r"\Z", re.S)


def matches(text: str, patterns: Sequence[str]) -> bool:
    """Whether the text matches; the last pattern that applies decides. No patterns match nothing."""
    allowed = False
    for pattern in patterns:
        if pattern.startswith("!"):
            allowed = allowed and not _regex(pattern[1:]).match(text)
        else:
            allowed = allowed or bool(_regex(pattern).match(text))
    return allowed


def any_matches(texts: Iterable[str], patterns: Sequence[str]) -> bool:
    """Whether at least one text matches; see `matches`."""
    return any(matches(text, patterns) for text in texts)
