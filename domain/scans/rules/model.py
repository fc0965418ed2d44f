"""A weakness as its page tells it, with the rules of all tools that report it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How likely, or how bad."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    @property
    def rank(self) -> int:
        """0 to 2."""
        return _LEVELS.index(self)

    def moved(self, steps: int) -> Level:
        """Some steps up, or down if negative; it ends at the ends."""
        return _LEVELS[min(max(self.rank + steps, 0), len(_LEVELS) - 1)]


_LEVELS = tuple(Level)


@dataclass(frozen=True, kw_only=True)
class Weakness:
    """One kind of weakness; a page of docs/rules."""

    key: str
    """Name of the page."""
    title: str
    cwe: str
    """Such as `CWE-89` (cwe.mitre.org)."""
    impact: Level
    """What it costs when somebody uses it."""
    rules: tuple[tuple[str, Level], ...]
    """Rules of all tools that report it, each with how likely what it reports can be used."""
    what: str
    why: str
    fix: str
    weak: str
    """A sample that the rules report."""
    safe: str
    """The same, corrected: none of the rules reports it."""
    language: str = "python"

    @property
    def number(self) -> int:
        """The CWE's."""
        return int(self.cwe.removeprefix("CWE-"))
