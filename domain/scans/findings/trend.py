"""How many findings were open in the last scans of a default branch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

MOST_SHOWN = 30
"""Scans in a report's trend."""


@dataclass(frozen=True, kw_only=True)
class TrendPoint:
    """One scan of the default branch."""

    commit: str
    at: float
    """Seconds since the epoch."""
    open: dict[str, int] = field(default_factory=dict)
    """Severity to number of findings that nobody has suppressed, worst first; zeros are left out."""
    opened: int = 0
    """Findings that the scan before did not have."""
    fixed: int = 0
    """Findings of the scan before that this one has no more."""

    @property
    def total(self) -> int:
        """All open findings."""
        return sum(self.open.values())


def changes(before: Mapping[str, str] | None, now: Mapping[str, str]) -> tuple[int, int]:
    """Opened and fixed since the scan before, of which each maps fingerprints to severities; None: no scan before."""
    if before is None:
        return 0, 0
    return len(now.keys() - before.keys()), len(before.keys() - now.keys())


def words(trend: Sequence[TrendPoint]) -> str:
    """The last step of a trend for people; empty: there is none."""
    if not trend:
        return ""
    last = trend[-1]
    said = f"{last.total} open on the default branch at {last.commit[:12]}"
    if len(trend) == 1:
        return said
    return f"{said} (was {trend[-2].total}): {last.opened} new, {last.fixed} fixed"
