"""Judges one version in several clusters: each by itself, and all together.

**Local**: each cluster has today's judge, at half of alpha divided among all clusters of the release. It takes its
own cluster back. **Pooled**: the products of pooled_bets.py, at the other half of alpha. It takes all clusters back,
as soon as the evidence is there whichever one cluster is left out: a single bad cluster is its own affair.

Guaranteed, over the whole release and however often one looks:

* while the version is no worse in any cluster, any of them goes back with a probability of at most alpha (Ville's
  inequality for each e-process, and the sum of their shares);
* while it is worse in one cluster only, the pooled judge takes the others back with a probability of at most alpha/2;
* while it is unsafe in some cluster, all clusters are accepted by themselves with a probability of at most beta (all
  means that one too: Berger, "Multiparameter hypothesis testing and acceptance sampling", Technometrics 1982);
* while its average over the clusters is unsafe, the pooled judge accepts it with a probability of at most beta.

**Rounds.** A round takes one tick of each cluster and is complete when each has one, so what is compared does not
depend on which cluster happened to be fast. A cluster that is more than `LATE` ticks behind is not waited for; its
ticks count in later rounds. That is sound as long as a tick is not late because of its answers. A cluster of a later
wave joins at the current round, and what the others showed before counts. A cluster that leaves (promoted, gone back,
unreachable) adds nothing from then on, and what it showed stays: a stopped e-process is one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace

from domain.releases.judge.judge import Evidence, Judge
from domain.releases.judge.policy import ERRORS, Policy
from domain.releases.judge.pooled_bets import Counts, PooledAcceptE, PooledRollbackE
from domain.releases.judge.ticks import Tick

LATE = 6
"""Ticks that a cluster may be behind the fastest one before rounds go on without it."""


def local_policy(policy: Policy, clusters: int) -> Policy:
    """What each cluster is judged by where the release goes to so many clusters, over all waves; one: unchanged."""
    return policy if clusters == 1 else replace(policy, alpha=policy.alpha / (2 * clusters))


@dataclass
class Member:
    """One cluster in the pool."""

    judge: Judge
    """Its local judge."""
    waiting: deque[Tick] = field(default_factory=deque)
    """Its ticks that are in no round yet."""
    present: bool = True
    """Whether rounds wait for its ticks."""


class Pool:
    """Judges one version over `clusters` clusters, fed tick by tick and cluster by cluster; holds numbers and no
    clock.
    """

    def __init__(self, policy: Policy, clusters: int) -> None:
        """`clusters`: how many the release goes to, over all waves; at least 1."""
        if clusters < 1:
            raise ValueError(f"a release to {clusters} clusters")
        self.clusters, self.policy = clusters, policy
        self.local = local_policy(policy, clusters)
        self.pooled = policy if clusters == 1 else replace(policy, alpha=policy.alpha / 2)
        self.members: dict[str, Member] = {}
        self.rounds = 0
        self._processes = {m.name: PooledRollbackE(ratio=m.ratio, clusters=clusters) for m in policy.metrics}
        self.evidence = {m.name: Evidence(m, self._processes[m.name], self.pooled.threshold(m)) for m in policy.metrics}
        """Per metric what all clusters show together; its totals are for people, no evidence is made of them."""
        self.accepts = {
            percent: PooledAcceptE(margin=policy.margin(percent)) for percent in (*policy.steps_percent, 100.0)
        }

    def join(self, cluster: str, phi: Mapping[str, float] | None = None) -> None:
        """A cluster begins: it counts from the next round on. `phi` is the dispersion there, per metric.

        Raises:
            ValueError: it has joined before, or more clusters join than were announced.
        """
        if cluster in self.members or len(self.members) == self.clusters:
            raise ValueError(f"{cluster} joins as one of {self.clusters} clusters, beside {', '.join(self.members)}")
        self.members[cluster] = Member(Judge(self.local, phi))
        for process in self._processes.values():
            process.join(cluster)

    def leave(self, cluster: str) -> int:
        """No more ticks come from a cluster; what it showed stays. Returns how many rounds became complete."""
        self.members[cluster].present = False
        return self._advance()

    def feed(self, cluster: str, tick: Tick) -> int:
        """Counts a tick; a repeated one changes nothing. Returns how many rounds became complete.

        Raises:
            KeyError: the cluster has not joined.
        """
        member = self.members[cluster]
        if not member.present or not member.judge.feed(tick):
            return 0
        member.waiting.append(tick)
        return self._advance()

    def _advance(self) -> int:
        before = self.rounds
        while self._complete():
            self._count({name: one.waiting.popleft() for name, one in self.members.items() if one.waiting})
        return self.rounds - before

    def _complete(self) -> bool:
        waiting = [len(one.waiting) for one in self.members.values()]
        missing = any(one.present and not one.waiting for one in self.members.values())
        return max(waiting, default=0) > (LATE if missing else 0)

    def _count(self, round_: Mapping[str, Tick]) -> None:
        self.rounds += 1
        for name, evidence in self.evidence.items():
            judged = {
                cluster: tick
                for cluster, tick in round_.items()
                if self.policy.judges(evidence.metric, tick.number, tick.warming)
            }
            if judged:
                self._processes[name].update(_counts(judged, name), self._phi(name))
            for tick in judged.values():
                evidence.add(tick.canary.count(name), tick.stable.count(name))
        errors, phi = _counts(round_, ERRORS), self._phi(ERRORS)
        for accept in self.accepts.values():
            accept.update(errors, phi)

    def _phi(self, metric: str) -> dict[str, float]:
        return {cluster: one.judge.phi[metric] for cluster, one in self.members.items()}

    # -- what it shows -----------------------------------------------------------------------------------------------

    @property
    def failing(self) -> Evidence | None:
        """The metric by which the version is worse in more than one cluster: all go back."""
        found = [evidence for evidence in self.evidence.values() if evidence.fails]
        return max(found, key=lambda one: one.process.evidence - one.threshold, default=None)

    @property
    def failed(self) -> list[str]:
        """The clusters in which the version is worse, each by its own evidence: those go back, and the wave holds."""
        return [name for name, one in self.members.items() if one.judge.failing]

    @property
    def amber(self) -> list[str]:
        """Metrics with half the evidence to take all clusters back: no further wave begins."""
        return [name for name, evidence in self.evidence.items() if evidence.amber]

    @property
    def suspicious(self) -> list[str]:
        """Clusters with half the evidence to go back, or amid an incident of both versions, among those that are
        present.
        """
        members = self.members.items()
        return [name for name, one in members if one.present and (one.judge.amber or one.judge.incident)]

    def together_safe(self, percent: float) -> bool:
        """Whether all together have proven it: on average over the traffic, failures stay within the budget."""
        accept = self.accepts.get(percent)
        return accept is not None and accept.evidence >= self.policy.accepted

    def copy(self) -> Pool:
        """An independent pool in the same state."""
        return deepcopy(self)


def _counts(round_: Mapping[str, Tick], metric: str) -> dict[str, Counts]:
    return {name: (*tick.canary.count(metric), *tick.stable.count(metric)) for name, tick in round_.items()}
