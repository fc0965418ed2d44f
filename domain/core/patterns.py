"""Regular expressions of strangers, in time linear to the text: RE2, which cannot backtrack.

Source: https://github.com/google/re2/wiki/Syntax
"""

from __future__ import annotations

from functools import lru_cache
from typing import Protocol

import re2

MAX_LENGTH = 1_000
"""Characters of a pattern that somebody writes."""
_MEMORY_BYTES = 4 << 20
"""Of one compiled pattern."""


class PatternError(ValueError):
    """Why a pattern is not a regular expression that can be used."""


class Pattern(Protocol):
    """A compiled pattern."""

    def fullmatch(self, text: str) -> bool | None:
        """True in effect where the whole text matches."""


@lru_cache(maxsize=1024)
def compiled(pattern: str, longest: int = MAX_LENGTH) -> Pattern:
    """Ready to be matched.

    Raises:
        PatternError: it has more than `longest` characters, is malformed, or needs backtracking (`(?=`, `\\1`).
    """
    if len(pattern) > longest:
        raise PatternError(f"it has {len(pattern):,} characters, and at most {longest:,} are allowed")
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
        PatternError: as `compiled`.
    """
    return bool(compiled(pattern).fullmatch(well_formed(text)))


def well_formed(text: str) -> str:
    """Names that are not UTF-8 come with lone surrogates, which the library does not take."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
