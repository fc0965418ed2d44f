"""The e-processes of several clusters taken together: products of the same bets, cluster by cluster.

Given what came before and a tick's request counts, requests succeed or fail independently, at rates that may differ
and drift in any way. So each bet's factor for one tick of one cluster has an expectation of at most 1 under the null
hypothesis, the product over clusters and ticks is a supermartingale, and by Ville's inequality it reaches 1/alpha
with a probability of at most alpha, at whatever times one looks. Counts of different clusters are never summed before
they are compared, so different base rates and weights cannot pass for a difference (Simpson's paradox). Sources: Vovk
and Wang, "E-values: calibration, combination and applications" (Annals of Statistics 2021) for products; Ramdas,
Grünwald, Vovk and Shafer, "Game-theoretic statistics and safe anytime-valid inference" (Statistical Science 2023) for
Ville's inequality and stopped processes; Benjamini and Heller, "Screening for partial conjunction hypotheses"
(Biometrics 2008) for leaving one out.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import accumulate
from math import inf, log, log1p, sqrt

from domain.releases.judge.eprocess import MEMORY_TICKS, START, Gain, RollbackE, check, logaddexp, onset

Counts = tuple[int, int, int, int]
"""Events and requests of the canary, then of the stable version."""


@dataclass(kw_only=True)
class PooledRollbackE:
    """Evidence that at least two clusters' rates are above `ratio` times their stable version's.

    It is the least of the products that leave one cluster out. Whichever cluster is worse for reasons of its own, one
    of those products is without it, so a single bad cluster convicts the version elsewhere with a probability of at
    most alpha. With `clusters` = 1 it is the RollbackE of that cluster.
    """

    ratio: float
    clusters: int
    """How many clusters the release goes to, over all waves."""
    whole: RollbackE = field(init=False)
    without: dict[str, RollbackE] = field(default_factory=dict)
    """Cluster to the product over all others."""

    def __post_init__(self) -> None:
        self.whole = RollbackE(ratio=self.ratio)

    def join(self, cluster: str) -> None:
        """A cluster that begins now: so far it has added nothing, so the product without it is the whole."""
        self.without[cluster] = deepcopy(self.whole)

    def update(self, round_: Mapping[str, Counts], phi: Mapping[str, float]) -> float:
        """Adds a round: a tick of some of the clusters, each with its dispersion. Returns the evidence.

        Raises:
            ValueError: as RollbackE.
        """
        gains = [self.whole.gain(*counts, phi=phi[cluster]) for cluster, counts in round_.items()]
        before = list(accumulate(gains, initial=Gain()))
        after = list(accumulate(reversed(gains), initial=Gain()))[::-1]
        others = {cluster: before[at] + after[at + 1] for at, cluster in enumerate(round_)}
        self.whole.take(before[-1])
        for cluster, process in self.without.items():
            process.take(others.get(cluster, before[-1]))
        return self.evidence

    @property
    def evidence(self) -> float:
        """Natural logarithm."""
        return min(process.evidence for process in self._all)

    @property
    def excess(self) -> float:
        """The least excess over the stable versions' rates, as a rate, when any one cluster is left out."""
        return min(process.excess for process in self._all)

    @property
    def _all(self) -> list[RollbackE]:
        return [self.whole] if self.clusters == 1 else [self.whole, *self.without.values()]


@dataclass(kw_only=True)
class PooledAcceptE:
    """Evidence that the canary's rate is, on average over the clusters, less than `margin` above the stable version's.

    The average is weighted by the canary's requests (and by 1/phi: a cluster whose failures come in bursts says
    less), so it bounds what the service as a whole loses. All clusters share one bet against the canary, a = q/(p +
    margin) - 1; the bet on its stable version, -a n_c/n_s, makes a tick's expectation at most exp(n_c a (excess -
    margin)), whatever the stable version's rate is; the sum of the exponents is not positive where the average excess
    is at least the margin.
    """

    margin: float
    bet: float = -inf
    reserve: float = 1.0
    rounds: int = 0
    events: float = START[0]
    requests: float = START[1]
    evidence: float = 0.0

    def update(self, round_: Mapping[str, Counts], phi: Mapping[str, float]) -> float:
        """Adds a round, as PooledRollbackE does. Returns the evidence."""
        for counts in round_.values():
            check(*counts)
        stake, self.rounds = onset(self.rounds), self.rounds + 1
        if stake:
            self.reserve -= stake
            self.bet = logaddexp(self.bet, log(stake))
        if any(n_c + n_s for _, n_c, _, n_s in round_.values()):
            against = self._against(round_)
            self.bet += sum(_gain(counts, against, self.margin) / phi[name] for name, counts in round_.items())
            keep = 1 - 1 / MEMORY_TICKS
            self.events = self.events * keep + sum(x_c + x_s for x_c, _, x_s, _ in round_.values())
            self.requests = self.requests * keep + sum(n_c + n_s for _, n_c, _, n_s in round_.values())
        self.evidence = logaddexp(self.bet, log(max(self.reserve, 1e-300)))
        return self.evidence

    def _against(self, round_: Mapping[str, Counts]) -> float:
        """The bet against the canary: 0 to -1, from past rates and this round's requests only."""
        canary, stable = (sum(counts[at] for counts in round_.values()) for at in (1, 3))
        rate = max(self.events / self.requests, self.margin / 8)
        lower = rate - self.margin
        null = max((lower + sqrt(lower * lower + 4 * stable / (canary + stable) * rate * self.margin)) / 2, 1e-12)
        return min(rate / (null + self.margin) - 1, 0.0)


def _gain(counts: Counts, against: float, margin: float) -> float:
    x_c, n_c, x_s, n_s = counts
    favour = -against * n_c / n_s if n_s else 0.0  # without a stable version's requests its rate is at least 0
    return x_c * log1p(against) + x_s * log1p(favour) - n_c * against * margin
