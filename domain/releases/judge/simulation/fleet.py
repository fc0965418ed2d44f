"""One version released to several simulated clusters at once: each with its ramp and judge, with or without a pool."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from math import log
from statistics import median

from domain.releases.judge import wave as together
from domain.releases.judge.eprocess import RollbackE
from domain.releases.judge.judge import Judge
from domain.releases.judge.policy import OnInconclusive, Policy
from domain.releases.judge.pooled import Pool, local_policy
from domain.releases.judge.pooled_bets import PooledAcceptE
from domain.releases.judge.ramp import Goal, RampDecision, decide
from domain.releases.judge.simulation.services import (
    BURSTY,
    COLD,
    DOWN,
    LEAK,
    SLOWER,
    TAIL,
    TIMES5,
    Draws,
    Scenario,
    Traffic,
    incident,
    null,
    worse,
)
from domain.releases.judge.ticks import Tick

HOUR_S = 3600.0
Dealer = Callable[[int, float], Draws]
"""A seed and requests a second to the chance of one cluster."""
POLICY = Policy(on_inconclusive=OnInconclusive.HOLD)
"""What a definition says by default: without evidence the weight stays."""


@dataclass(frozen=True)
class Fleet:
    """What each cluster is like, and its requests a second; `fixed`: weights that stay, instead of a ramp."""

    name: str
    clusters: tuple[Scenario, ...]
    per_s: float = 5.0
    fixed: tuple[float, ...] = ()


def alike(scenario: Scenario, n: int = 10, per_s: float = 5.0) -> Fleet:
    """The version is the same everywhere."""
    return Fleet(scenario.name, (scenario,) * n, per_s)


def one_of(scenario: Scenario, n: int = 10, per_s: float = 5.0) -> Fleet:
    """The version is like this in one cluster, and healthy in all others."""
    return Fleet(f"{scenario.name} in one", (scenario, *(null(0.001),) * (n - 1)), per_s)


def simpson(n: int = 10, per_s: float = 5.0) -> Fleet:
    """Healthy everywhere; half of the clusters fail 5 % at half of the traffic, half 0.1 % at a twentieth."""
    half = n // 2
    return Fleet(
        "Simpson", (null(0.05),) * half + (null(0.001),) * (n - half), per_s, (50.0,) * half + (5.0,) * (n - half)
    )


def rows(n: int = 10, per_s: float = 5.0) -> dict[str, Fleet]:
    """By name: healthy versions, versions that are worse everywhere, and versions that are worse in one cluster."""
    everywhere = (
        *(null(base) for base in (0.001, 0.01)),
        *(incident(5), BURSTY, COLD),
        *(worse(by) for by in (0.05, 0.02, 0.01)),
        *(DOWN, TIMES5, LEAK, SLOWER, TAIL),
    )
    found = [alike(one, n, per_s) for one in everywhere]
    if n > 1:
        found += [simpson(n, per_s), *(one_of(one, n, per_s) for one in (DOWN, worse(0.05), worse(0.01)))]
    return {one.name: one for one in found}


@dataclass
class Cluster:
    """One cluster's ramp."""

    traffic: Traffic
    weights: tuple[float, ...]
    phi: dict[str, float]
    stage: int = 0
    failures: int = 0
    back_s: float = 0.0
    """When it went back by itself; 0: it did not."""
    promoted_s: float = 0.0

    @property
    def under_way(self) -> bool:
        """Whether it has neither gone back nor been promoted."""
        return not (self.back_s or self.promoted_s)

    def tick(self, number: int, tick_s: float) -> Tick:
        """What its router counts in one tick."""
        percent = self.weights[self.stage]
        canary, stable = self.traffic.arms(number * tick_s, percent, tick_s)
        self.failures += canary.events["errors"]
        return Tick(number, canary, stable, percent, self.stage)

    def goal(self, policy: Policy) -> Goal:
        """What it wants to prove now."""
        following = (*self.weights, 100.0)[self.stage + 1]
        return Goal(
            next_percent=following,
            min_dwell_s=policy.min_dwell_s,
            max_dwell_s=policy.max_dwell_s,
            stage=self.stage,
            suspicion_ends=True,
        )

    def follow(self, call: RampDecision, seconds: float, stays: bool) -> None:
        """Does what was decided after so many seconds; `stays`: its weight does not change."""
        if call is RampDecision.BACK:
            self.back_s = seconds
        elif call is RampDecision.GO and not stays:
            self.stage += 1
            if self.stage == len(self.weights):
                self.promoted_s = seconds


@dataclass(frozen=True)
class Ended:
    """How a release to all clusters ended."""

    back: dict[int, float]
    """Cluster to the seconds until it went back by itself."""
    pooled_s: float = 0.0
    """When the pool took all back; 0: it did not."""
    failures: int = 0
    """Failed requests of the new version, in all clusters."""
    promoted_s: float = 0.0
    """When the last cluster was promoted; 0: not all were."""


def _clusters(fleet: Fleet, seed: int, policy: Policy, deal: Dealer) -> list[Cluster]:
    made = []
    for at, scenario in enumerate(fleet.clusters):
        traffic = Traffic(scenario, fleet.per_s, deal(seed * 1000 + at, fleet.per_s))
        weights = (fleet.fixed[at],) if fleet.fixed else policy.weights(fleet.per_s)
        made.append(Cluster(traffic, weights, traffic.phi(tick_s=policy.tick_s)))
    return made


def release(
    fleet: Fleet, seed: int, deal: Dealer, pooling: bool = True, policy: Policy = POLICY, limit_s: float = HOUR_S
) -> Ended:
    """With the pool; or without, as many releases that know nothing of each other."""
    clusters = _clusters(fleet, seed, policy, deal)
    pool = Pool(policy, len(clusters)) if pooling else None
    judges = [Judge(policy if pool is None else local_policy(policy, len(clusters)), one.phi) for one in clusters]
    for at, one in enumerate(clusters):
        if pool:
            pool.join(str(at), one.phi)
    for number in range(round(limit_s / policy.tick_s)):
        under_way = [at for at, one in enumerate(clusters) if one.under_way]
        for at in under_way:
            tick = clusters[at].tick(number, policy.tick_s)
            judges[at].feed(tick)
            if pool:
                pool.feed(str(at), tick)
        seconds = (number + 1) * policy.tick_s
        if not under_way or (pool and pool.failing):
            return _ended(clusters, seconds if under_way else 0.0)
        for at in under_way:
            one, goal = clusters[at], clusters[at].goal(policy)
            proved = pool is not None and goal.next_percent in together.proved(pool)
            one.follow(decide(judges[at], replace(goal, proved=proved)).call, seconds, bool(fleet.fixed))
            if pool and not one.under_way:
                pool.leave(str(at))
    return _ended(clusters)


def _ended(clusters: list[Cluster], pooled_s: float = 0.0) -> Ended:
    back = {at: one.back_s for at, one in enumerate(clusters) if one.back_s}
    promoted = [one.promoted_s for one in clusters]
    failures = sum(one.failures for one in clusters)
    return Ended(back, pooled_s, failures, max(promoted) if all(promoted) else 0.0)


def summed_alarm(fleet: Fleet, seed: int, deal: Dealer, limit_s: float = HOUR_S) -> bool:
    """What must not be done: the clusters' counts are summed, and then compared."""
    process, clusters = RollbackE(ratio=1.1, phi=1.0), _clusters(fleet, seed, POLICY, deal)
    for number in range(round(limit_s / POLICY.tick_s)):
        ticks = [one.tick(number, POLICY.tick_s) for one in clusters]
        canary, stable = (
            [sum(getattr(tick, arm).count("errors")[at] for tick in ticks) for at in (0, 1)]
            for arm in ("canary", "stable")
        )
        if process.update(*canary, *stable) >= POLICY.threshold(POLICY.metrics[0]):
            return True
    return False


@dataclass(frozen=True, kw_only=True)
class Summary:
    """Of many releases to the same clusters; times are medians in seconds, 0: it never happened."""

    replications: int
    clusters_back_percent: float
    """Clusters that went back by themselves."""
    any_back_percent: float
    """Releases in which one did, or in which the pool took all back."""
    pooled_back_percent: float
    promoted_percent: float
    """Releases whose clusters were all promoted."""
    back_s: float
    pooled_s: float
    promoted_s: float
    failures: float
    """The median of failed requests of the new version, in all clusters."""


def summary(ended: Sequence[Ended], clusters: int) -> Summary:
    """Of at least one release."""
    times = [seconds for one in ended for seconds in one.back.values()]
    pooled = [one.pooled_s for one in ended if one.pooled_s]
    promoted = [one.promoted_s for one in ended if one.promoted_s]
    return Summary(
        replications=len(ended),
        clusters_back_percent=round(100 * len(times) / (clusters * len(ended)), 2),
        any_back_percent=_percent(bool(one.back) or bool(one.pooled_s) for one in ended),
        pooled_back_percent=_percent(bool(one.pooled_s) for one in ended),
        promoted_percent=_percent(bool(one.promoted_s) for one in ended),
        back_s=median(times or [0.0]),
        pooled_s=median(pooled or [0.0]),
        promoted_s=median(promoted or [0.0]),
        failures=median(one.failures for one in ended),
    )


def _percent(found: Iterable[bool]) -> float:
    each = list(found)
    return round(100 * sum(each) / len(each), 2)


def false_safety(seed: int, deal: Dealer, margin: float = 0.02, n: int = 10) -> bool:
    """Ten clusters of unequal base rates whose average excess is exactly the margin, for 10 minutes at beta 5 %."""
    excess = [2 * margin * at / (n - 1) for at in range(n)]
    traffic = [Traffic(worse(by, 0.001 * (at + 1)), 5, deal(seed * 1000 + at, 5)) for at, by in enumerate(excess)]
    process, phi = PooledAcceptE(margin=margin), {str(at): 1.0 for at in range(n)}
    for _ in range(60):
        arms = [one.arms(0, 25, 10) for one in traffic]
        counts = {
            str(at): (*canary.count("errors"), *stable.count("errors")) for at, (canary, stable) in enumerate(arms)
        }
        if process.update(counts, phi) >= log(20):
            return True
    return False
