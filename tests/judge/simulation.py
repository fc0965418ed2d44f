"""Releases of one simulated service, with chance from numpy: for the tests of the judge and `make bench-judge`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import log

import numpy as np

from domain.releases.judge.eprocess import AcceptE, RollbackE
from domain.releases.judge.judge import Judge
from domain.releases.judge.policy import Policy
from domain.releases.judge.ramp import Goal, RampDecision, decide
from domain.releases.judge.simulation.services import Scenario, Traffic, null, worse
from domain.releases.judge.ticks import Tick

LIMIT_S = 4 * 3600.0


def drift() -> Scenario:
    def rates(t: float) -> tuple[float, float]:
        both = 0.005 + 0.015 * min(t / 600, 1)
        return both, both

    return Scenario("drift 0.5->2 % both", rates)


TIMES2 = Scenario("x2 0.1->0.2 %", lambda t: (0.002, 0.001))
TIMES2_OF_1 = Scenario("x2 1->2 %", lambda t: (0.02, 0.01))


class Numpy:
    """Chance from numpy: quick at any rate, and the same figures for the same seed."""

    def __init__(self, seed: int, per_s: float) -> None:
        self.rng = np.random.default_rng([seed, int(per_s * 1000)])

    def poisson(self, mean: float) -> int:
        return int(self.rng.poisson(mean))

    def binomial(self, n: int, p: float) -> int:
        return int(self.rng.binomial(n, p))

    def geometric(self, p: float) -> int:
        return int(self.rng.geometric(p))


def traffic_of(scenario: Scenario, per_s: float, seed: int) -> Traffic:
    """The same seed draws the same service."""
    return Traffic(scenario, per_s, Numpy(seed, per_s))


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
    traffic = traffic_of(scenario, per_s, seed)
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
    traffic, process = traffic_of(null(0.01), 50, seed), RollbackE(ratio=1.0, phi=1.0)
    return any(
        process.update(*canary.count("errors"), *stable.count("errors")) >= log(100)
        for canary, stable in (traffic.arms(0, 5, 10) for _ in range(2160))
    )


def false_safety(seed: int, margin: float = 0.02) -> bool:
    """A7: a version that is worse by exactly the margin, looked at for 10 minutes at beta 5 %."""
    traffic, process = traffic_of(worse(margin, 0.005), 50, seed), AcceptE(margin=margin, phi=1.0)
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
