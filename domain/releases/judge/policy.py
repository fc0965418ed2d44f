"""What is judged, how strictly, and how fast the traffic may rise. The defaults are docs/judge.md's."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import log


class OnInconclusive(StrEnum):
    """What follows when the longest dwell is over and the evidence decides nothing."""

    PROMOTE = "promote"
    HOLD = "hold"
    ROLLBACK = "rollback"


@dataclass(frozen=True)
class Metric:
    """Events among requests: failed ones, slow ones, or what two queries count."""

    name: str
    share: float
    """Of the false alarms that a release may have; the shares of all metrics add up to 1."""
    ratio: float = 1.1
    """How many times the stable's rate is tolerated."""
    gate: float = 0.0005
    """The least excess that matters, as a rate: 0.01 is one request in a hundred."""
    latency: bool = False
    """Not judged while the canary warms up."""
    events: str = ""
    """PromQL selector of the counter of events; empty for what the router counts."""
    total: str = ""


ERRORS, SLOW90, SLOW99 = "errors", "slow90", "slow99"
DEFAULT_METRICS = (
    Metric(ERRORS, 0.5, 1.1, 0.0005),
    Metric(SLOW90, 0.25, 1.2, 0.02, latency=True),
    Metric(SLOW99, 0.25, 1.2, 0.005, latency=True),
)


@dataclass(frozen=True)
class Policy:
    """How a release is judged; parts are from 0 to 1, weights in percent, times in seconds."""

    metrics: tuple[Metric, ...] = DEFAULT_METRICS
    tick_s: float = 10.0
    alpha: float = 0.01
    """The probability that a release of a version that is not worse is rolled back, in all."""
    beta: float = 0.05
    """The probability that a step is called safe although its margin is exceeded."""
    budget: float = 0.005
    """Failed requests, as a part of all the service's traffic, that the next step may add with confidence 1 - beta."""
    first_percent: float = 0.0
    """The first weight; 0: so that the canary gets about 100 requests a minute, between 1 and 25."""
    steps_percent: tuple[float, ...] = (10.0, 25.0, 50.0)
    min_dwell_s: float = 60.0
    max_dwell_s: float = 600.0
    warmup_s: float = 60.0
    bake_s: float = 0.0
    slo_hold: float = 0.05
    """The stable's error rate in the last minute from which on nothing is decided: an incident that both share."""
    on_inconclusive: OnInconclusive = OnInconclusive.PROMOTE
    source: str = "router"
    """What counts requests, errors and slow ones: router or prometheus."""
    prometheus: str = ""
    """Base address of the server that custom metrics, or all, come from."""

    def threshold(self, metric: Metric) -> float:
        """Natural logarithm of the evidence that rolls back."""
        return log(1 / (self.alpha * metric.share))

    @property
    def accepted(self) -> float:
        """Natural logarithm of the evidence that a margin holds."""
        return log(1 / self.beta)

    def margin(self, percent: float) -> float:
        """The excess rate of the canary that keeps the failures within the budget at this weight."""
        return self.budget * 100 / percent

    def weights(self, requests_per_s: float) -> tuple[float, ...]:
        """The weights before promotion, in percent."""
        first = self.first_percent or first_percent(requests_per_s)
        return (first, *(step for step in self.steps_percent if step > first))


def first_percent(requests_per_s: float) -> float:
    """About 100 canary requests in the first minute; between 1 and 25 percent, the more the less traffic there is."""
    wanted = 100 * 100 / (60 * requests_per_s) if requests_per_s > 0 else 25.0
    return round(min(max(wanted, 1.0), 25.0), 2)
