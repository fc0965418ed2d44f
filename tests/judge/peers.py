"""The documented settings of three other judges, on the same simulated services (same seeds, their own weights).

flagger   one check a minute on the canary alone: at least 99 % without 5xx, p99 at most 500 ms; threshold 5, step 10,
          max 50 (its metrics and deployment-strategies pages; the order inside a check from pkg/controller/scheduler.go)
argo      20, 40, 60, 80 % for 10 minutes each, analysis from step 2 every 5 minutes, success rate of at least 95 %,
          failureLimit 3: the fourth failure aborts (docs/features/analysis.md)
kayenta   10 % canary beside 10 % baseline for 3 hours, judged hourly: error rate and p99 per minute, Mann-Whitney with
          98 % confidence and a tolerance of a quarter of the Hodges-Lehmann estimate; marginal 75, pass 95
          (NetflixACAJudge.scala, best-practices page)
"""

from __future__ import annotations

from math import sqrt

import numpy as np

from domain.releases.judge.simulation.services import MEDIAN_S, SIGMA, Scenario, Traffic, slower_than
from tests.judge.simulation import Numpy, Outcome, traffic_of

_Z98 = 2.3263478740408408


def flagger(scenario: Scenario, per_s: float, seed: int) -> Outcome:
    traffic, percent, failed, failures = traffic_of(scenario, per_s, seed), 10.0, 0, 0
    for minute in range(1, 60):
        requests, errors, slow = _minute(traffic, (minute - 1) * 60, percent, 60)
        failures += errors
        if failed >= 5:
            return Outcome(True, minute * 60, failures, False)
        if requests == 0 or errors > 0.01 * requests or slow > 0.01 * requests:
            failed += 1
        elif percent < 50:
            percent += 10
        else:
            return Outcome(False, (minute + 1) * 60, failures, False)
    return Outcome(False, 3600, failures, False)


def argo(scenario: Scenario, per_s: float, seed: int) -> Outcome:
    traffic, failed, failures = traffic_of(scenario, per_s, seed), 0, 0
    for begins in range(0, 2400, 30):
        percent = 20.0 * (begins // 600 + 1)
        requests, errors, _ = _minute(traffic, begins, percent, 30)
        failures += errors
        # the rate of the last two scrapes is what it looks at
        if begins + 30 >= 600 and (begins + 30) % 300 == 0 and begins + 30 < 2400:
            failed += requests == 0 or errors > 0.05 * requests
            if failed > 3:
                return Outcome(True, begins + 30, failures, False)
    return Outcome(False, 2400, failures, False)


def kayenta(scenario: Scenario, per_s: float, seed: int) -> Outcome:
    traffic, failures = traffic_of(scenario, per_s, seed), 0
    rows: list[tuple[float, float, float, float]] = []
    for minute in range(180):
        t = minute * 60.0
        canary = _minute(traffic, t, 10.0, 60)
        baseline = _minute(traffic, t, 10.0, 60, stable=True)
        failures += canary[1]
        if canary[0] and baseline[0]:
            median, sigma = scenario.latency(t)
            rows.append(
                (
                    canary[1] / canary[0],
                    baseline[1] / baseline[0],
                    _p99(traffic, canary[0], MEDIAN_S * median, sigma),
                    _p99(traffic, baseline[0], MEDIAN_S, SIGMA),
                )
            )
        if minute % 60 == 59 and len(rows) > 2:
            columns = np.array(rows).T
            if _high(columns[0], columns[1]) or _high(columns[2], columns[3]):
                return Outcome(True, (minute + 1) * 60, failures, False)
    return Outcome(False, 10_800, failures, False)


def _minute(
    traffic: Traffic, t: float, percent: float, seconds: float, *, stable: bool = False
) -> tuple[int, int, int]:
    """Requests, errors, and requests over half a second of one arm in a window."""
    requests = errors = slow = 0
    for begins in np.arange(t, t + seconds, 10.0):
        n = traffic.draws.poisson(traffic.per_s * 10 * percent / 100)
        rate = traffic.scenario.errors(float(begins))[1 if stable else 0]
        median, sigma = (1.0, SIGMA) if stable else traffic.scenario.latency(float(begins))
        requests += n
        errors += traffic.errors(n, rate)
        slow += traffic.draws.binomial(n, slower_than(0.5, MEDIAN_S * median, sigma))
    return requests, errors, slow


def _p99(traffic: Traffic, n: int, median_s: float, sigma: float) -> float:
    """The 99th percentile of n lognormal latencies, by its order statistic: the rank's uniform is a Beta."""
    rank = max(1, round(0.99 * n))
    assert isinstance(traffic.draws, Numpy)
    uniform = float(traffic.draws.rng.beta(rank, n + 1 - rank))
    return median_s * float(np.exp(sigma * _normal_quantile(uniform)))


def _normal_quantile(p: float) -> float:
    from statistics import NormalDist

    return NormalDist().inv_cdf(min(max(p, 1e-12), 1 - 1e-12))


def _high(canary: np.ndarray, baseline: np.ndarray) -> bool:
    """Higher, beyond the tolerance, with 98 % confidence; the effect size must not be below 1."""
    differences = np.sort(np.subtract.outer(canary, baseline).ravel())
    n, m = len(canary), len(baseline)
    rank = int(n * m / 2 - _Z98 * sqrt(n * m * (n + m + 1) / 12))
    if rank < 0:
        return False
    estimate = float(np.median(differences))
    mean = float(baseline.mean())
    return float(differences[rank]) > 0.25 * abs(estimate) and (mean == 0 or float(canary.mean()) / mean >= 1.0)
