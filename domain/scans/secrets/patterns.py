"""Regular expressions over bytes, in linear time: what is searched is hostile.

Source: https://github.com/google/re2/wiki/Syntax
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

import re2

_MEMORY_BYTES = 64 << 20
"""Memory limit of one compiled pattern; with less, RE2 falls back to a slower way."""


class Match(Protocol):
    """A match in a text."""

    def start(self, group: int = 0) -> int: ...
    def end(self, group: int = 0) -> int: ...
    def group(self, group: int = 0) -> bytes: ...


class Pattern(Protocol):
    """A compiled pattern."""

    groups: int
    groupindex: Mapping[bytes, int]
    """Names of groups to their numbers."""

    def search(self, text: bytes, pos: int = 0, endpos: int | None = None) -> Match | None: ...
    def match(self, text: bytes, pos: int = 0, endpos: int | None = None) -> Match | None: ...
    def fullmatch(self, text: bytes) -> Match | None: ...
    def finditer(self, text: bytes, pos: int = 0, endpos: int | None = None) -> Iterator[Match]: ...


def compiled(pattern: str) -> Pattern:
    """The pattern over bytes: each byte is a character, so that nothing is too malformed to match.

    Raises:
        ValueError: it is malformed, or needs backtracking.
    """
    try:
        found: Pattern = re2.compile(pattern.encode("utf-8"), _options())
    except re2.error as wrong:
        raise ValueError(f"not a pattern of RE2: {pattern[:80]}") from wrong
    return found


class Words:
    """Which of many words, in small letters, stand in a text: one pass, whatever their number."""

    def __init__(self, words: Sequence[str]) -> None:
        options = _options()
        options.case_sensitive = False
        options.never_capture = True
        self._words, self._set = tuple(words), re2.Set.SearchSet(options)
        for word in words:
            self._set.Add(re2.escape(word).encode())
        if words:
            self._set.Compile()

    def within(self, text: bytes) -> set[str]:
        """The words that it holds, in whatever case."""
        if not self._words:
            return set()
        return {self._words[at] for at in self._set.Match(text) or ()}


def _options() -> re2.Options:
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.log_errors = False
    options.max_mem = _MEMORY_BYTES
    return options
