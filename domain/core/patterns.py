"""Untrusted regular expressions, matched in linear time: RE2, which cannot backtrack.

Source: https://github.com/google/re2/wiki/Syntax
"""

from __future__ import annotations

from functools import lru_cache
from typing import Protocol

MAX_LENGTH = 1_000
"""Length limit of a pattern in characters."""
_MEMORY_BYTES = 4 << 20
"""Memory limit of one compiled pattern."""


class PatternError(ValueError):
    """Why a pattern is not a usable regular expression."""


class Pattern(Protocol):
    """A compiled pattern."""

    def fullmatch(self, text: str) -> bool | None:
        """A match object (true) when the whole text matches."""


@lru_cache(maxsize=1024)
def compiled(pattern: str, longest: int = MAX_LENGTH) -> Pattern:
    r"""The compiled pattern.

    Raises:
        PatternError: longer than `longest` characters, malformed, or it needs backtracking (`(?=`, `\1`).
    """
    if len(pattern) > longest:
        raise PatternError(f"it has {len(pattern):,} characters, and at most {longest:,} are allowed")
    import re2  # the client of a server matches nothing itself, and comes without it

    options = re2.Options()
    options.log_errors = False
    options.dot_nl = True
    options.max_mem = _MEMORY_BYTES
    try:
        found: Pattern = re2.compile(well_formed(pattern), options)
    except re2.error as wrong:
        why = wrong.args[0].decode(errors="replace") if isinstance(wrong.args[0], bytes) else str(wrong)
        raise PatternError(f"{why} (patterns follow RE2: no look-around, no back-references)") from wrong
    return found


def fullmatch(pattern: str, text: str) -> bool:
    """Whether the whole text matches.

    Raises:
        PatternError: see `compiled`.
    """
    return bool(compiled(pattern).fullmatch(well_formed(text)))


def well_formed(text: str) -> str:
    """Replaces lone surrogates, which stand for bytes that are not UTF-8 and which the library rejects."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
