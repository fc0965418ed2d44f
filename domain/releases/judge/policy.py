"""What is judged, how strictly, and how fast the traffic may rise. The defaults are docs/judge.md's."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import log


class OnInconclusive(StrEnum):
    """What follows when the evidence is inconclusive after the longest dwell."""

    PROMOTE = "promote"
    HOLD = "hold"
    ROLLBACK = "rollback"


@dataclass(frozen=True, kw_only=True)
class Metric:
    """Counts events among requests: failures, slow requests, or what two queries count."""

    name: str
    share: float
    """Share of the release's false-alarm budget; the shares of all metrics add up to 1."""
    ratio: float = 1.1
    """The tolerated ratio to the stable version's rate."""
    gate: float = 0.0005
    """The smallest relevant excess, as a rate: 0.01 is one request in a hundred."""
    latency: bool = False
    """Ignored while the canary warms up."""
    events: str = ""
    """PromQL selector of the event counter; empty: counted by the router."""
    total: str = ""


MINUTE_S = 60.0
ERRORS, SLOW90, SLOW99 = "errors", "slow90", "slow99"
DEFAULT_METRICS = (
    Metric(name=ERRORS, share=0.5, ratio=1.1, gate=0.0005),
    Metric(name=SLOW90, share=0.25, ratio=1.2, gate=0.02, latency=True),
    Metric(name=SLOW99, share=0.25, ratio=1.2, gate=0.005, latency=True),
)


@dataclass(frozen=True, kw_only=True)
class Policy:
    """How a release is judged; shares from 0 to 1, weights in percent, times in seconds."""

    metrics: tuple[Metric, ...] = DEFAULT_METRICS
    tick_s: float = 10.0
    alpha: float = 0.01
    """Probability of rolling back a version that is not worse, over the whole release."""
    beta: float = 0.05
    """Probability of calling a step safe although its margin is exceeded."""
    budget: float = 0.005
    """Failure budget: failed requests, as a share of the service's traffic, that the next step may add."""
    first_percent: float = 0.0
    """The first weight; 0: chosen for about 100 canary requests in the shortest dwell, between 1 and 25."""
    steps_percent: tuple[float, ...] = (10.0, 25.0, 50.0)
    min_dwell_s: float = MINUTE_S
    max_dwell_s: float = 600.0
    warmup_s: float = 60.0
    bake_s: float = 0.0
    slo_hold: float = 0.05
    """Above this error rate of the stable version in the last minute, nothing is decided: both share an incident."""
    on_inconclusive: OnInconclusive = OnInconclusive.PROMOTE
    source: str = "router"
    """The source of requests, errors and slow requests: router or prometheus."""
    prometheus: str = ""
    """Base address of the Prometheus server for custom metrics, or for all."""

    def threshold(self, metric: Metric) -> float:
        """Natural logarithm of the evidence for a rollback."""
        return log(1 / (self.alpha * metric.share))

    @property
    def accepted(self) -> float:
        """Natural logarithm of the evidence for a margin."""
        return log(1 / self.beta)

    def judges(self, metric: Metric, number: int, warming: bool) -> bool:
        """Whether a tick counts for a metric: latency does not while the canary warms up."""
        return not (metric.latency and (warming or number * self.tick_s < self.warmup_s))

    def margin(self, percent: float) -> float:
        """The canary's excess rate that stays within the failure budget at this weight."""
        return self.budget * 100 / percent

    @property
    def first_by_dwell(self) -> bool:
        """Whether the first weight depends on a shortest dwell that is no minute."""
        return not self.first_percent and self.min_dwell_s != MINUTE_S

    def weights(self, requests_per_s: float, *, by_dwell: bool = True) -> tuple[float, ...]:
        """The weights before promotion, in percent. `by_dwell`: false for releases that began before this existed."""
        first = self.first_percent or first_percent(requests_per_s, self.min_dwell_s if by_dwell else MINUTE_S)
        return (first, *(step for step in self.steps_percent if step > first))


def first_percent(requests_per_s: float, dwell_s: float = MINUTE_S) -> float:
    """About 100 canary requests in the shortest dwell, between 1 and 25 percent: less traffic, or less time, needs a
    higher weight for the same evidence.
    """
    wanted = 100 * 100 / (dwell_s * requests_per_s) if dwell_s * requests_per_s > 0 else 25.0
    return round(min(max(wanted, 1.0), 25.0), 2)
