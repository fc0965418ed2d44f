"""Messages and signatures of the activities of releases over many clusters."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from temporalio import activity

from domain.releases.judge.policy import Policy


@dataclass(frozen=True, kw_only=True)
class TakeBack:
    """One cluster of a release over many goes back to the version before."""

    environment: str
    cluster: str
    service: str
    instance: str
    """What it carries: when it does not any more, there is nothing to take back."""
    key: str
    """Asked again with the same key, it goes back once."""


@dataclass(frozen=True)
class TookBack:
    """How it went."""

    ok: bool
    reason: str = ""
    instance: str = ""
    """What is live there now; empty: it is not known."""
    kept: bool = False
    """There was no version before: it keeps this one."""


@dataclass(frozen=True)
class Carried:
    """Asks what is live of a service in clusters of an environment."""

    environment: str
    service: str
    clusters: tuple[str, ...]


class WaveActivities(Protocol):
    """Signatures of the activities; implemented in activities.py."""

    @activity.defn(name="reach-cluster")
    async def reach(self, cluster: str) -> str:
        """Why a cluster's API does not answer; empty: it does."""
        ...

    @activity.defn(name="take-back-cluster")
    async def take_back(self, input: TakeBack) -> TookBack:
        """Releases the version before again in one cluster, and waits for the end of that release."""
        ...

    @activity.defn(name="carried-by-clusters")
    async def carried(self, input: Carried) -> dict[str, str]:
        """Cluster to its live instance; empty: none."""
        ...


@dataclass(frozen=True, kw_only=True)
class PoolInput:
    """The clusters of a release that are judged together."""

    policy: Policy
    clusters: int
    """How many the release goes to, over all waves."""
    parts: dict[str, str]
    """Cluster to the id of its release, of all that have begun."""
    ended: tuple[str, ...] = ()
    """Those of them from which no more ticks come."""
    proved: tuple[float, ...] = ()
    """What is known already, as in the answer."""
    doubted: bool = False
    called: str = "clusters"
    """What the parts are, for people; or `services`."""


@dataclass(frozen=True)
class PooledMetric:
    """One metric over all clusters."""

    metric: str
    evidence: float
    threshold: float
    canary: tuple[int, int] = (0, 0)
    """Events and requests."""
    stable: tuple[int, int] = (0, 0)


@dataclass(frozen=True, kw_only=True)
class Pooled:
    """What the clusters show together."""

    worse: bool = False
    """All of them must go back."""
    reason: str = ""
    proved: tuple[float, ...] = ()
    """Weights in percent that they have proven together."""
    doubt: str = ""
    """Why no further cluster may begin; empty: nothing speaks against it."""
    rounds: int = 0
    metrics: tuple[PooledMetric, ...] = ()
    digests: dict[str, str] = field(default_factory=dict)
    """Cluster to SHA-256 of its tick file: what this was read from."""


class PoolActivities(Protocol):
    """Signatures of the activities; implemented in pool.py."""

    @activity.defn(name="observe-pool")
    async def observe_pool(self, input: PoolInput) -> Pooled:
        """Judges the recorded ticks of all clusters together: until they show what is not known, all have ended, or ten
        minutes have passed.
        """
        ...
