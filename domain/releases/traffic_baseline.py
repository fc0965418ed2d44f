"""The stable version before a release: traffic, latency and dispersion of its counts.

Measured over the previous hour and frozen, so the new version cannot influence it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import ceil, log

from domain.releases.judge.dispersion import dispersion
from domain.releases.judge.policy import ERRORS, SLOW90, SLOW99

RATIO, FIRST_S, LAST_S = 1.25, 0.001, 30.0
BUCKETS_S = (
    *(float(f"{FIRST_S * RATIO**i:.3g}") for i in range(ceil(log(LAST_S / FIRST_S) / log(RATIO)))),
    LAST_S,
)
"""Upper bounds of the router's latency histogram, fine enough for the p90 and p99 of any service."""
HISTORY_S = 3600.0
MIN_TICKS = 12
"""With fewer ticks, the dispersion is the conservative default."""


@dataclass(frozen=True)
class Traffic:
    """One tick of one version: requests, errors, and per bucket the requests at or below its bound."""

    requests: int = 0
    errors: int = 0
    within: tuple[int, ...] = ()
    """Cumulative, in the order of BUCKETS_S."""


@dataclass(frozen=True)
class Baseline:
    """The stable version's last hour, for the judge; latencies are 0 without traffic."""

    requests_per_s: float = 0.0
    """Requests in the last recorded minute."""
    slow90_s: float = 0.0
    """The histogram bound above the p90; 0: no traffic, and latency is not judged."""
    slow99_s: float = 0.0
    phi: Mapping[str, float] = field(default_factory=dict)
    """Metric to dispersion; the judge's default for a metric without an entry."""
    seconds: float = 0.0
    """Seconds of history behind it."""

    def words(self) -> str:
        """One line for the release's events."""
        if not self.slow90_s:
            return f"no traffic in {self.seconds:g} s of history: latency will not be judged"
        phi = ", ".join(f"{name} {value:.2g}" for name, value in self.phi.items())
        return (
            f"{self.requests_per_s:g} requests a second; slow is over {1000 * self.slow90_s:.3g} ms (p90) and"
            f" {1000 * self.slow99_s:.3g} ms (p99); dispersion {phi or 'unknown, using 2'};"
            f" from {self.seconds:g} s of history"
        )


def baseline(ticks: Sequence[Traffic], tick_s: float) -> Baseline:
    """The baseline from the stable version's ticks, oldest first."""
    if not any(tick.requests for tick in ticks):
        return Baseline(seconds=len(ticks) * tick_s)
    within = [sum(tick.within[i] for tick in ticks if tick.within) for i in range(len(BUCKETS_S))]
    p90, p99 = (_bound(within, sum(tick.requests for tick in ticks), part) for part in (0.90, 0.99))
    counts = {
        ERRORS: [tick.errors for tick in ticks],
        SLOW90: [_slower(tick, p90) for tick in ticks],
        SLOW99: [_slower(tick, p99) for tick in ticks],
    }
    phi = {name: dispersion(values) for name, values in counts.items()} if len(ticks) >= MIN_TICKS else {}
    recent = ticks[-max(1, round(60 / tick_s)) :]
    per_s = sum(tick.requests for tick in recent) / (len(recent) * tick_s)
    return Baseline(round(per_s, 3), BUCKETS_S[p90], BUCKETS_S[p99], phi, len(ticks) * tick_s)


@dataclass(frozen=True)
class Reading:
    """Counters of a version since its routers started."""

    requests: int
    errors: int = 0
    timed: int = 0
    within: Mapping[float, int] = field(default_factory=dict)
    """Upper bound of a router's own bucket, in seconds, to the requests at or below it."""


def of_readings(readings: Sequence[Reading], seconds: float) -> Baseline:
    """The baseline from readings `seconds` apart in all, two at least: bounds are among the router's own buckets.

    Latencies are those of all requests so far; their dispersion is known with a reading more than `MIN_TICKS`.
    """
    first, last = readings[0], readings[-1]
    bounds, requests = sorted(last.within), last.requests - first.requests
    if requests <= 0 or not last.timed or not bounds:
        return Baseline(round(max(requests, 0) / seconds, 3), seconds=round(seconds, 3))
    p90, p99 = (bounds[_bound([last.within[bound] for bound in bounds], last.timed, part)] for part in (0.90, 0.99))
    counts = {
        ERRORS: [reading.errors for reading in readings],
        SLOW90: [reading.timed - reading.within.get(p90, 0) for reading in readings],
        SLOW99: [reading.timed - reading.within.get(p99, 0) for reading in readings],
    }
    ticks = {name: [max(b - a, 0) for a, b in pairwise(values)] for name, values in counts.items()}
    phi = {name: dispersion(values) for name, values in ticks.items()} if len(readings) > MIN_TICKS else {}
    return Baseline(round(requests / seconds, 3), p90, p99, phi, round(seconds, 3))


def _bound(within: Sequence[int], requests: int, part: float) -> int:
    """The index of the first bucket that holds this share of the requests."""
    return next((i for i, count in enumerate(within) if count >= part * requests), len(within) - 1)


def _slower(tick: Traffic, bound: int) -> int:
    return max(tick.requests - tick.within[bound], 0) if tick.within else 0
