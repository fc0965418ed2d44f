"""A service behind a router, simulated: Poisson traffic split by weight, Bernoulli errors, lognormal latency.

Both the tests of the judge and `make bench-judge` draw from this. A scenario says what differs between the arms and when.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from math import erf, log, sqrt

import numpy as np

from domain.releases.judge.dispersion import dispersion
from domain.releases.judge.eprocess import AcceptE, RollbackE
from domain.releases.judge.judge import Judge
from domain.releases.judge.policy import Policy
from domain.releases.judge.ramp import Goal, RampDecision, decide
from domain.releases.judge.ticks import Arm, Tick
from domain.releases.traffic_baseline import BUCKETS_S

MEDIAN_S, SIGMA = 0.12, 0.5
P90_S, P99_S = 0.2278, 0.3840
TAU90_S, TAU99_S = (next(bound for bound in BUCKETS_S if bound >= quantile) for quantile in (P90_S, P99_S))
LIMIT_S = 4 * 3600.0

Rates = Callable[[float], tuple[float, float]]
"""Seconds since the start to the error rates of canary and stable."""
Shape = Callable[[float], tuple[float, float]]
"""Seconds since the start to the canary's latency: its median as a multiple of the stable's, and its sigma."""


def _same(_: float) -> tuple[float, float]:
    return 1.0, SIGMA


@dataclass(frozen=True)
class Scenario:
    name: str
    errors: Rates
    latency: Shape = _same
    burst: float = 1.0
    """The mean size of the bursts that errors come in."""


def null(base: float, name: str = "") -> Scenario:
    return Scenario(name or f"null {base:.1%}", lambda t: (base, base))


def worse(by: float, base: float = 0.001, since_s: float = 0.0, name: str = "") -> Scenario:
    return Scenario(name or f"+{by:.1%}", lambda t: (min(1.0, base + (by if t >= since_s else 0)), base))


def drift() -> Scenario:
    def rates(t: float) -> tuple[float, float]:
        both = 0.005 + 0.015 * min(t / 600, 1)
        return both, both

    return Scenario("drift 0.5->2 % both", rates)


def incident(minutes: float) -> Scenario:
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
TIMES2 = Scenario("x2 0.1->0.2 %", lambda t: (0.002, 0.001))
TIMES2_OF_1 = Scenario("x2 1->2 %", lambda t: (0.02, 0.01))


def slower_than(bound_s: float, median_s: float, sigma: float) -> float:
    """The part of a lognormal above a bound."""
    return 0.5 * (1 - erf(log(bound_s / median_s) / (sigma * sqrt(2))))


@dataclass
class Traffic:
    """Draws what a router would have counted. The same seed draws the same service."""

    scenario: Scenario
    per_s: float
    seed: int
    rng: np.random.Generator = field(init=False)
    _tails: dict[tuple[float, float], tuple[float, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rng = np.random.default_rng([self.seed, int(self.per_s * 1000)])

    def phi(self, ticks: int = 360, tick_s: float = 10.0) -> dict[str, float]:
        """From an hour of the stable arm before."""
        requests = self.rng.poisson(self.per_s * tick_s, ticks)
        base = self.scenario.errors(-1e-9)[1]
        if self.scenario.burst > 1:
            errors = np.array([self._bursts(int(n), base) for n in requests])
        else:
            errors = self.rng.binomial(requests, base)
        p90, p99 = self._slow(1.0, SIGMA)
        return {
            "errors": dispersion(errors.tolist()),
            "slow90": dispersion(self.rng.binomial(requests, p90).tolist()),
            "slow99": dispersion(self.rng.binomial(requests, p99).tolist()),
        }

    def arms(self, t: float, percent: float, tick_s: float) -> tuple[Arm, Arm]:
        """Canary and stable in the tick that begins at `t`."""
        mean, weight = self.per_s * tick_s, percent / 100
        p_c, p_s = self.scenario.errors(t)
        median, sigma = self.scenario.latency(t)
        return (
            self._arm(int(self.rng.poisson(mean * weight)), p_c, self._slow(median, sigma)),
            self._arm(int(self.rng.poisson(mean * (1 - weight))), p_s, self._slow(1.0, SIGMA)),
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
        draw = self.rng.binomial
        errors = self._bursts(requests, rate) if self.scenario.burst > 1 else int(draw(requests, rate))
        slow90 = int(draw(requests, slow[0]))
        slow99 = int(draw(slow90, slow[1] / slow[0])) if slow90 else 0
        return Arm(requests, {"errors": errors, "slow90": slow90, "slow99": slow99})

    def _bursts(self, requests: int, rate: float) -> int:
        bursts = int(self.rng.poisson(requests * rate / self.scenario.burst))
        return min(requests, int(self.rng.geometric(1 / self.scenario.burst, bursts).sum())) if bursts else 0


@dataclass(frozen=True)
class Outcome:
    rolled_back: bool
    seconds: float
    failures: int
    """Failed canary requests."""
    proven: bool
    """Every step by evidence."""


def release(scenario: Scenario, per_s: float, seed: int, policy: Policy = Policy()) -> Outcome:  # noqa: B008
    """One canary release with the real judge and ramp, at a simulated clock."""
    traffic = Traffic(scenario, per_s, seed)
    judge = Judge(policy, traffic.phi(tick_s=policy.tick_s))
    weights = policy.weights(per_s)
    failures, proven = 0, True
    for number, stage in _stages(weights, policy):
        percent, goal = weights[stage[0]], stage[1]
        canary, stable = traffic.arms(number[0] * policy.tick_s, percent, policy.tick_s)
        judge.feed(Tick(number[0], canary, stable, percent, stage[0]))
        failures += canary.events["errors"]
        decision = decide(judge, goal)
        if decision.call is RampDecision.BACK:
            return Outcome(True, (number[0] + 1) * policy.tick_s, failures, proven)
        if decision.call is RampDecision.GO:
            proven = proven and decision.proven
            number[1] = 1
    return Outcome(False, number[0] * policy.tick_s, failures, proven)


def false_alarm(seed: int) -> bool:
    """A6: the rollback e-process alone, without warm-up, ramp or gate, looked at every 10 s for 6 hours at alpha 1 %."""
    traffic, process = Traffic(null(0.01), 50, seed), RollbackE(ratio=1.0, phi=1.0)
    return any(
        process.update(*canary.count("errors"), *stable.count("errors")) >= log(100)
        for canary, stable in (traffic.arms(0, 5, 10) for _ in range(2160))
    )


def false_safety(seed: int, margin: float = 0.02) -> bool:
    """A7: a version that is worse by exactly the margin, looked at for 10 minutes at beta 5 %."""
    traffic, process = Traffic(worse(margin, 0.005), 50, seed), AcceptE(margin=margin, phi=1.0)
    return any(
        process.update(*canary.count("errors"), *stable.count("errors")) >= log(20)
        for canary, stable in (traffic.arms(0, 10, 10) for _ in range(60))
    )


def _stages(weights: tuple[float, ...], policy: Policy) -> Iterator[tuple[list[int], tuple[int, Goal]]]:
    """Ticks one after the other, each with its stage; the consumer sets the second number to go on to the next."""
    number = [0, 0]
    for index in range(len(weights)):
        following = weights[index + 1] if index + 1 < len(weights) else 100.0
        goal = Goal(
            next_percent=following,
            min_dwell_s=policy.min_dwell_s,
            max_dwell_s=policy.max_dwell_s,
            stage=index,
            suspicion_ends=True,
        )
        number[1] = 0
        while not number[1] and number[0] * policy.tick_s < LIMIT_S:
            yield number, (index, goal)
            number[0] += 1
