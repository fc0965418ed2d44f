"""A service behind a router, simulated: Poisson traffic split by weight, Bernoulli errors, lognormal latency.

A scenario says what differs between the versions and when. Chance comes from outside (`Draws`), so the same draws give
the same service.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import erf, log, sqrt
from typing import Protocol

from domain.releases.judge.dispersion import dispersion
from domain.releases.judge.ticks import Arm
from domain.releases.traffic_baseline import BUCKETS_S

MEDIAN_S, SIGMA = 0.12, 0.5
P90_S, P99_S = 0.2278, 0.3840
TAU90_S, TAU99_S = (next(bound for bound in BUCKETS_S if bound >= quantile) for quantile in (P90_S, P99_S))
HISTORY_TICKS = 360

Rates = Callable[[float], tuple[float, float]]
"""Seconds since the start to the error rates of canary and stable."""
Shape = Callable[[float], tuple[float, float]]
"""Seconds since the start to the canary's latency: its median as a multiple of the stable's, and its sigma."""


class Draws(Protocol):
    """Chance."""

    def poisson(self, mean: float) -> int:
        """Events that come independently, `mean` on average."""
        ...

    def binomial(self, n: int, p: float) -> int:
        """How many of `n` come true, each with probability `p`."""
        ...

    def geometric(self, p: float) -> int:
        """Trials until the first that comes true, at least 1."""
        ...


def _same(_: float) -> tuple[float, float]:
    return 1.0, SIGMA


@dataclass(frozen=True)
class Scenario:
    """What the new version is like."""

    name: str
    errors: Rates
    latency: Shape = _same
    burst: float = 1.0
    """The mean size of the bursts that errors come in."""


def null(base: float, name: str = "") -> Scenario:
    """A version that is no worse: both fail at the same rate."""
    return Scenario(name or f"null {base:.1%}", lambda t: (base, base))


def worse(by: float, base: float = 0.001, since_s: float = 0.0, name: str = "") -> Scenario:
    """A version that fails `by` more (a share, not percent), from a time on."""
    return Scenario(name or f"+{by:.1%}", lambda t: (min(1.0, base + (by if t >= since_s else 0)), base))


def incident(minutes: float) -> Scenario:
    """Both versions fail 30 % for some minutes, since something that both need does."""

    def rates(t: float) -> tuple[float, float]:
        both = 0.3 if 60 <= t < 60 + minutes * 60 else 0.001
        return both, both

    return Scenario(f"shared incident {minutes:g} min 30 %", rates)


DOWN = Scenario("100 % down", lambda t: (1.0, 0.001))
BURSTY = Scenario("bursty null 0.5 %", lambda t: (0.005, 0.005), burst=4)
COLD = Scenario("cold start", lambda t: (0.001, 0.001), lambda t: (2.0 if t < 45 else 1.0, SIGMA))
SLOWER = Scenario("median +20 %", lambda t: (0.001, 0.001), lambda t: (1.2, SIGMA))
TAIL = Scenario("p99 x1.5", lambda t: (0.001, 0.001), lambda t: (1.0, log(1.5 * P99_S / MEDIAN_S) / 2.3263))
LEAK = Scenario("slow leak +0.1 pp/min", lambda t: (0.001 + 0.001 * t / 60, 0.001))
TIMES5 = Scenario("x5 0.1->0.5 %", lambda t: (0.005, 0.001))


def slower_than(bound_s: float, median_s: float, sigma: float) -> float:
    """The part of a lognormal above a bound."""
    return 0.5 * (1 - erf(log(bound_s / median_s) / (sigma * sqrt(2))))


@dataclass
class Traffic:
    """Draws what a router would have counted."""

    scenario: Scenario
    per_s: float
    draws: Draws
    _tails: dict[tuple[float, float], tuple[float, float]] = field(default_factory=dict)

    def phi(self, ticks: int = HISTORY_TICKS, tick_s: float = 10.0) -> dict[str, float]:
        """The dispersion of each metric, from an hour of the stable version before."""
        requests = [self.draws.poisson(self.per_s * tick_s) for _ in range(ticks)]
        base = self.scenario.errors(-1e-9)[1]
        errors = [self.errors(n, base) for n in requests]
        p90, p99 = self._slow(1.0, SIGMA)
        return {
            "errors": dispersion(errors),
            "slow90": dispersion([self.draws.binomial(n, p90) for n in requests]),
            "slow99": dispersion([self.draws.binomial(n, p99) for n in requests]),
        }

    def arms(self, t: float, percent: float, tick_s: float) -> tuple[Arm, Arm]:
        """Canary and stable in the tick that begins at `t`."""
        mean, weight = self.per_s * tick_s, percent / 100
        p_c, p_s = self.scenario.errors(t)
        median, sigma = self.scenario.latency(t)
        return (
            self._arm(self.draws.poisson(mean * weight), p_c, self._slow(median, sigma)),
            self._arm(self.draws.poisson(mean * (1 - weight)), p_s, self._slow(1.0, SIGMA)),
        )

    def _slow(self, median: float, sigma: float) -> tuple[float, float]:
        key = (median, sigma)
        if key not in self._tails:
            parts = [slower_than(bound, MEDIAN_S * median, sigma) for bound in (TAU90_S, TAU99_S)]
            self._tails[key] = parts[0], parts[1]
        return self._tails[key]

    def _arm(self, requests: int, rate: float, slow: tuple[float, float]) -> Arm:
        if not requests:
            return Arm(0, {"errors": 0, "slow90": 0, "slow99": 0})
        errors = self.errors(requests, rate)
        slow90 = self.draws.binomial(requests, slow[0])
        slow99 = self.draws.binomial(slow90, slow[1] / slow[0]) if slow90 else 0
        return Arm(requests, {"errors": errors, "slow90": slow90, "slow99": slow99})

    def errors(self, requests: int, rate: float) -> int:
        """How many of these requests fail."""
        if self.scenario.burst == 1:
            return self.draws.binomial(requests, rate)
        bursts = self.draws.poisson(requests * rate / self.scenario.burst)
        return min(requests, sum(self.draws.geometric(1 / self.scenario.burst) for _ in range(bursts)))
