"""Cumulative counters of one version, as a router gives them: every dialect is read into these."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from math import inf


@dataclass
class Counters:
    """Cumulative counters of one version, by series."""

    requests: dict[str, float] = field(default_factory=dict)
    errors: dict[str, float] = field(default_factory=dict)
    """5xx answers; a router itself answers 502 and 504 for resets and timeouts."""
    timed: dict[str, float] = field(default_factory=dict)
    within: dict[float, dict[str, float]] = field(default_factory=lambda: defaultdict(dict))
    """Upper bound of a bucket in seconds to the requests at or below it, by series."""
    at: float = 0.0
    """When they were counted, by the clock of who keeps them, in seconds since the epoch; 0: when they were read."""
    age_s: float = 0.0
    """How long before they were read that was."""

    @property
    def answered(self) -> int:
        """All answered requests."""
        return round(sum(self.requests.values()))

    @property
    def slowest_s(self) -> float:
        """A bound that no answered request was over, in seconds; infinite when it is beyond all buckets."""
        timed = sum(self.timed.values())
        if not timed:
            return 0.0
        return next((bound for bound in sorted(self.within) if sum(self.within[bound].values()) >= timed), inf)
