"""Chance for simulated services, from the standard library: a seed gives the same draws on every machine."""

from __future__ import annotations

from math import exp, floor, log, log1p
from random import Random

SMALL = 12.0
"""Poisson means up to this are drawn event by event."""
NEVER = 2.0**63
"""So many trials nobody makes; a probability near the smallest float would ask for more than there are numbers."""


class Seeded:
    """Draws exactly from each distribution, in a time that grows with what comes true and not with what is tried."""

    def __init__(self, seed: int, per_s: float) -> None:
        """Another rate is another service."""
        self._random = Random(f"{seed} {per_s}")  # noqa: S311 - a simulation, not a secret

    def poisson(self, mean: float) -> int:
        """Events that come independently, `mean` on average.

        Large means are split by the time of a late event, which has a gamma distribution: Ahrens and Dieter, "Computer
        methods for sampling from gamma, beta, Poisson and binomial distributions" (Computing 1974).
        """
        found = 0
        while mean > SMALL:
            late = floor(7 * mean / 8)
            at = self._random.gammavariate(late, 1.0)
            if at >= mean:
                return found + self.binomial(late - 1, mean / at)
            found, mean = found + late, mean - at
        left, limit = self._random.random(), exp(-mean)
        while left > limit:
            found, left = found + 1, left * self._random.random()
        return found

    def binomial(self, n: int, p: float) -> int:
        """How many of `n` come true, each with probability `p`: from one that does to the next."""
        if p > 0.5:
            return n - self.binomial(n, 1.0 - p)
        if p <= 0.0:
            return 0
        found, at = 0, self.geometric(p)
        while at <= n:
            found, at = found + 1, at + self.geometric(p)
        return found

    def geometric(self, p: float) -> int:
        """Trials until the first that comes true, at least 1."""
        return 1 if p >= 1.0 else floor(min(log(1.0 - self._random.random()) / log1p(-p), NEVER)) + 1
