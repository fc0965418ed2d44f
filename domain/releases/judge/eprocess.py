"""Two e-processes over paired counts: one says "worse, roll back", the other "no worse than this margin, go on".

An e-process is a bet that cannot be expected to grow while its null hypothesis holds; by Ville's inequality it reaches
1/alpha with a probability of at most alpha, at whatever times one looks. Given a tick's events, each belongs to the
canary with a probability that depends only on the arms' requests and the ratio of their rates, so what both arms share
(a drift, an incident, a change of the weight) cancels out. Sources: Lindon and Malek, "Anytime-valid inference for
multinomial count data" (NeurIPS 2022); Howard et al., "Time-uniform, nonparametric, nonasymptotic confidence
sequences" (Annals of Statistics 2021); Shin, Ramdas and Rinaldo, "E-detectors" (2024) for bets begun at many times.

All arithmetic is in natural logarithms: the evidence itself would overflow.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import exp, inf, isfinite, log, log1p, sqrt

GRID = (1.3, 1.7, 2.5, 4.0, 8.0, 20.0, 100.0)
"""The ratios of rates on the grid, beyond the tolerated ratio."""
RESTART_EVERY = 6
"""Ticks between new bets, so a regression that begins late is detected as fast as one at the start."""
_LOG_GRID = tuple(log(ratio) for ratio in GRID)
_LOG_SHARE = log(1 / len(GRID))
_FLOOR = 1e-300
START, MEMORY_TICKS = (1.0, 200.0), 30
"""The acceptance test's prior of the error rate (events, requests), and its memory."""


@dataclass(frozen=True)
class Gain:
    """What one tick's counts add to the bets of a RollbackE; those of several clusters add up."""

    logs: tuple[float, ...] = (0.0,) * len(GRID)
    """Natural logarithms, one per ratio of the grid."""
    excess_events: float = 0.0
    """The canary's events above those that the stable version's rate gives."""
    requests: int = 0
    """The canary's, where both versions had some."""

    def __add__(self, other: Gain) -> Gain:
        logs = tuple(a + b for a, b in zip(self.logs, other.logs, strict=True))
        return Gain(logs, self.excess_events + other.excess_events, self.requests + other.requests)


@dataclass(kw_only=True)
class RollbackE:
    """Evidence that the canary's rate is above `ratio` times the stable's. `phi` is the dispersion (1: independent)."""

    ratio: float = 1.0
    phi: float = 1.0
    bets: list[float] = field(default_factory=lambda: [-inf] * len(GRID))
    """Logarithms, one per ratio of the grid."""
    reserve: float = 1.0
    """The share of the stake that is reserved for later bets."""
    tick: int = 0
    excess_events: float = 0.0
    requests: int = 0
    evidence: float = 0.0
    """Natural logarithm of the e-process."""

    def update(self, x_c: int, n_c: int, x_s: int, n_s: int) -> float:
        """Adds a tick: events and requests of the canary, then of the stable arm. Returns the evidence.

        Raises:
            ValueError: a count is negative or not a number, or there are more events than requests.
        """
        return self.take(self.gain(x_c, n_c, x_s, n_s))

    def gain(self, x_c: int, n_c: int, x_s: int, n_s: int, phi: float = 0.0) -> Gain:
        """What a tick would add, with a dispersion of its own if given. Raises as `update` does."""
        check(x_c, n_c, x_s, n_s)
        if not (n_c > 0 and n_s > 0):
            return Gain()
        phi = phi or self.phi
        tolerated = self.ratio * n_c
        base, events = tolerated + n_s, x_c + x_s
        logs = tuple(
            (x_c * _LOG_GRID[i] - events * log((ratio * tolerated + n_s) / base)) / phi for i, ratio in enumerate(GRID)
        )
        return Gain(logs, x_c - n_c * x_s / n_s, n_c)

    def take(self, gain: Gain) -> float:
        """Adds the gains of a tick. Returns the evidence."""
        self._restart()
        if gain.requests:
            self.bets = [bet + more for bet, more in zip(self.bets, gain.logs, strict=True)]
            self.excess_events += gain.excess_events
            self.requests += gain.requests
        self.evidence = _logsumexp(self.bets, log(max(self.reserve, _FLOOR)))
        return self.evidence

    @property
    def excess(self) -> float:
        """The canary's rate above the stable's, tick by tick and then averaged (0.01: one request in a hundred)."""
        return self.excess_events / self.requests if self.requests else 0.0

    def _restart(self) -> None:
        stake, self.tick = onset(self.tick), self.tick + 1
        if stake:
            self.reserve -= stake
            share = log(stake) + _LOG_SHARE
            self.bets = [logaddexp(bet, share) for bet in self.bets]


@dataclass(kw_only=True)
class AcceptE:
    """Evidence that the canary's rate is less than `margin` above the stable's. Every clean request adds to it."""

    margin: float
    phi: float = 1.0
    bet: float = -inf
    reserve: float = 1.0
    tick: int = 0
    events: float = START[0]
    requests: float = START[1]
    evidence: float = 0.0

    def update(self, x_c: int, n_c: int, x_s: int, n_s: int) -> float:
        """Adds a tick, as in RollbackE. Returns the evidence."""
        check(x_c, n_c, x_s, n_s)
        stake, self.tick = onset(self.tick), self.tick + 1
        if stake:
            self.reserve -= stake
            self.bet = logaddexp(self.bet, log(stake))
        if n_c + n_s > 0:
            self.bet += self.gain(x_c, n_c, x_s, n_s)
            keep = 1 - 1 / MEMORY_TICKS
            self.events = self.events * keep + x_c + x_s
            self.requests = self.requests * keep + n_c + n_s
        self.evidence = logaddexp(self.bet, log(max(self.reserve, _FLOOR)))
        return self.evidence

    def gain(self, x_c: float, n_c: float, x_s: float, n_s: float) -> float:
        """What these counts would add to the bet, against the null's point that is hardest to distinguish."""
        rate = max(self.events / self.requests, self.margin / 8)
        lower = rate - self.margin
        stable_share = n_s / (n_c + n_s)
        null = max((lower + sqrt(lower * lower + 4 * stable_share * rate * self.margin)) / 2, 1e-12)
        canary = null + self.margin
        events = x_c * log(rate / canary) + x_s * log(rate / null)
        return (events - n_c * (rate - canary) - n_s * (rate - null)) / self.phi


def onset(tick: int) -> float:
    """The stake of a new bet at this tick; the stakes of all ticks add up to at most 1."""
    if tick == 0:
        return 0.5
    block, rest = divmod(tick, RESTART_EVERY)
    return 0.0 if rest else 0.5 / (block * (block + 1))


def check(x_c: int, n_c: int, x_s: int, n_s: int) -> None:
    """Raises ValueError unless these are events and requests of two arms."""
    # comparisons with NaN are false, so test for the valid case
    if not (0 <= x_c <= n_c and 0 <= x_s <= n_s and isfinite(n_c) and isfinite(n_s)):
        raise ValueError(f"no counts: canary {x_c} of {n_c}, stable {x_s} of {n_s}")


def logaddexp(a: float, b: float) -> float:
    """log(exp(a) + exp(b)), without overflow; -inf is allowed."""
    if a < b:
        a, b = b, a
    return a if b == -inf else a + log1p(exp(b - a))


def _logsumexp(values: list[float], more: float) -> float:
    top = max(more, *values)
    return top + log(sum(exp(value - top) for value in values) + exp(more - top))
