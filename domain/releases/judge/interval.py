"""The ratio of the canary's rate to the stable version's, as a confidence interval that is valid at any time.

It holds the ratios that neither of two one-sided e-processes has rejected, each at half of alpha, widened to the
neighbouring grid points so that a ratio between two of them is not cut off.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import log

from domain.releases.judge.eprocess import RollbackE

POINTS, LOWEST, HIGHEST = 40, 0.05, 50.0
RATIOS = tuple(LOWEST * (HIGHEST / LOWEST) ** (i / (POINTS - 1)) for i in range(POINTS))


@dataclass(frozen=True)
class Interval:
    """Ratios of the canary's rate to the stable's that are not excluded; valid at any time."""

    low: float = 0.0
    """0: no lower bound was found."""
    high: float = float("inf")

    def __str__(self) -> str:
        low = f"{self.low:.2g}" if self.low else "0"
        if self.high < float("inf"):
            return f"{low} to {self.high:.2g}"
        return f"at least {low}" if self.low else "not known yet"

    def holds(self, ratio: float) -> bool:
        """Whether the ratio is inside, bounds included."""
        return self.low <= ratio <= self.high


def interval(counts: Iterable[tuple[int, int, int, int]], alpha: float, phi: float = 1.0) -> Interval:
    """From (events, requests) of the canary and of the stable arm, tick by tick."""
    above = [RollbackE(ratio=ratio, phi=phi) for ratio in RATIOS]
    below = [RollbackE(ratio=1 / ratio, phi=phi) for ratio in RATIOS]
    threshold, low, high = log(2 / alpha), 0.0, float("inf")
    for x_c, n_c, x_s, n_s in counts:
        for ratio, over, under in zip(RATIOS, above, below, strict=True):
            if ratio > low and over.update(x_c, n_c, x_s, n_s) >= threshold:
                low = ratio
            if ratio < high and under.update(x_s, n_s, x_c, n_c) >= threshold:
                high = ratio
    return Interval(min(low, high), max(low, high))
