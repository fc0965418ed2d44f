"""What pages know of the clusters: one row an object, whatever its kind, and one a cluster.

Everything in a row but the cluster's own name is a stranger's: whoever may write to a cluster has written it. Values of
variables, commands and Secrets are in no row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Health(StrEnum):
    """How something is, in the words of Argo CD; later ones are worse."""

    HEALTHY = "healthy"
    SUSPENDED = "suspended"
    """Somebody wants nothing of it now: no replicas, a suspended job."""
    PROGRESSING = "progressing"
    """It is on its way, and not late."""
    UNKNOWN = "unknown"
    """Nobody says: a lost node, a cluster that is not heard of."""
    DEGRADED = "degraded"

    @property
    def rank(self) -> int:
        """0 is healthy; what is worse has a higher one. Rows keep it, so it never changes."""
        return RANKED.index(self)


RANKED = tuple(Health)
WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob")
"""Kinds that make pods, as rows; a ReplicaSet has no row, and its pods are its Deployment's."""
PLACED = ("Deployment", "StatefulSet", "DaemonSet")
"""Kinds whose rows are a service's placements."""
KINDS = (
    *("Node", "Namespace", "Pod", *WORKLOADS, "Service", "NetworkPolicy", "ResourceQuota", "LimitRange"),
    *("PersistentVolumeClaim", "PersistentVolume", "StorageClass", "HorizontalPodAutoscaler", "PriorityClass"),
    *("EndpointSlice", "VolumeSnapshot"),
)
"""What is watched; a cluster that does not serve one has none of it."""
GROUPS: Mapping[str, tuple[str, ...]] = {
    "Workload": WORKLOADS,
    "Other": tuple(kind for kind in KINDS if kind not in ("Node", "Namespace", "Pod", *WORKLOADS)),
}
"""Words of filters for several kinds: what makes pods; what is neither that nor a pod, a node or a namespace."""


def kinds_of(kind: str) -> tuple[str, ...]:
    """Those that a filter means."""
    return GROUPS.get(kind, (kind,))


MOST_STATUS, MOST_REASON, MOST_NAME = 40, 500, 253
"""Characters."""


@dataclass(frozen=True, kw_only=True)
class ObjectRow:
    """One object in a cluster. Times in Unix seconds; 0: not known."""

    cluster: str
    kind: str
    namespace: str = ""
    """Empty: of the cluster itself."""
    name: str
    uid: str = ""
    health: Health = Health.HEALTHY
    status: str = ""
    """In a word, as kubectl's STATUS: `Running`, `CrashLoopBackOff`, `Bound`, `3/3`. Of a closed set for each kind, but
    for counts: what a stranger could make up is `Other`."""
    reason: str = ""
    """Why it is not healthy, as a sentence; empty where it is."""
    since: float = 0
    """Since when it is so; 0: nobody says, and whoever keeps rows sees to it."""
    created_at: float = 0
    node: str = ""
    """Of a pod."""
    owner: str = ""
    """Of a pod: its workload, `Deployment/web`; of a claim's volume: `PersistentVolumeClaim/data`."""
    service: str = ""
    """Label `sluiceway.dev/service`, else `app.kubernetes.io/name`, else a workload's name."""
    environment: str = ""
    """Label `sluiceway.dev/environment`; empty: none."""
    version: str = ""
    """Label `app.kubernetes.io/version`, else the first image's tag, or the beginning of its digest."""
    wanted: int = 0
    """Replicas, or pods; of a quota its percent of the fullest resource."""
    ready: int = 0
    cpu_m: int = 0
    """Millicores that it requests. A workload: what one pod does. A pod that has ended: 0. A node: allocatable."""
    memory_mb: int = 0
    details: Mapping[str, Any] = field(default_factory=dict)
    """JSON: what only pages of this kind need (domain/inventory/details.py)."""

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What it is known by."""
        return (self.cluster, self.kind, self.namespace, self.name)


@dataclass(frozen=True, kw_only=True)
class EventRow:
    """A warning, kept as an event of ours: Kubernetes forgets it after an hour, and never tells its end."""

    cluster: str
    uid: str
    namespace: str = ""
    kind: str = ""
    """Of what it is about."""
    name: str = ""
    about: str = ""
    """UID of what it is about."""
    reason: str = ""
    message: str = ""
    count: int = 1
    first_at: float = 0
    last_at: float = 0
    ended_at: float = 0
    """0: it goes on, as far as is known."""
    ended_because: str = ""


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """A certificate of a cluster, by what it is for: `API server`, `kubeconfig`."""

    name: str
    until: float
    issuer: str = ""


@dataclass(frozen=True, kw_only=True)
class WatchRow:
    """When a cluster was last heard of, by whoever watches it."""

    cluster: str
    heard_at: float = 0
    """It answered, or told something. 0: never."""
    synced_at: float = 0
    """Since when all kinds are known; 0: they are being listed."""
    trouble: str = ""
    """Why it is not heard of; empty: it is."""
    trouble_since: float = 0
    version: str = ""
    certificates: tuple[Certificate, ...] = ()
    unwatched: Mapping[str, str] = field(default_factory=dict)
    """Kinds that this credential may not list, and why."""
    dialled_at: float = 0
    """When the worker in a cluster that dials out was last heard of. 0: never, or it is watched from here."""
    worker: str = ""
    """Version of that worker; empty: it told none."""
    may: str = ""
    """What that worker is let do, as `domain.inventory.dialled.May`; empty: it watches."""


FRESH_S = 30.0
"""Who was heard of within it is live. An idle cluster is asked every few seconds."""


class Freshness(StrEnum):
    """Whether rows say how a cluster is now."""

    LIVE = "live"
    STALE = "stale"
    """Not heard of for longer: shown grey with its age, never green."""
    NEVER = "never"


def freshness(heard_at: float, now: float) -> Freshness:
    """Both in Unix seconds. A clock that runs ahead does not make it stale."""
    if not heard_at:
        return Freshness.NEVER
    return Freshness.LIVE if now - heard_at <= FRESH_S else Freshness.STALE
