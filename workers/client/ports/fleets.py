"""What is in the clusters, for whoever may read them: `clusters:read` on the cluster.

Every answer says when each cluster was last heard of: what is old is told with its age, and counts as unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from domain.inventory.dial_versions import Fits
from domain.inventory.model import Certificate, EventRow, Freshness, Health, ObjectRow
from workers.client.ports.pages import Page, PageOf

Counts = Mapping[str, int]
"""By a word: health (`healthy`), or status (`Running`)."""


@dataclass(frozen=True, kw_only=True)
class FleetCluster:
    """A cluster, as the fleet shows it."""

    name: str
    provider: str = ""
    status: str = ""
    """Of its life: `ready`, `creating`, `degraded`, `stuck`, …"""
    waits_for: str = ""
    """The phase, while something is under way."""
    health: Health = Health.UNKNOWN
    """The worst that is known of it; unknown while it is not heard of."""
    reason: str = ""
    """Why it is not healthy, as a sentence."""
    cause: str = ""
    """Of what is wrong in it, what to look at first, with its name and reason. Empty: nothing is wrong in it, or nobody
    knows."""
    since: float = 0
    freshness: Freshness = Freshness.NEVER
    heard_at: float = 0
    synced: bool = False
    """Whether all kinds are known: counts are complete."""
    version: str = ""
    nodes: Counts = field(default_factory=dict)
    """By health."""
    workloads: Counts = field(default_factory=dict)
    pods: Counts = field(default_factory=dict)
    """By health."""
    namespaces: int = 0
    cpu_m: int = 0
    """Allocatable millicores of its nodes."""
    memory_mb: int = 0
    asked_cpu_m: int = 0
    """What its pods request."""
    asked_memory_mb: int = 0
    drift: int = 0
    guarded: bool = False
    """Automatic repair is on."""
    dials_out: bool = False
    """Nobody here reaches it: a worker in it tells what is in it."""
    dialled_at: float = 0
    """When that worker was last heard of; 0: never."""
    worker: str = ""
    """Version of that worker; empty: it told none."""
    worker_fits: Fits = Fits.SAME
    """How that version stands to the server's."""
    dialled_may: str = ""
    """What that worker is let do: `watch`, `read` or `act`; empty: it was never heard of."""


@dataclass(frozen=True, kw_only=True)
class VersionCount:
    """How many placements run a version."""

    version: str
    placements: int


@dataclass(frozen=True, kw_only=True)
class FleetService:
    """A service with all its placements that the caller may read; one a workload."""

    name: str
    health: Health = Health.HEALTHY
    reason: str = ""
    """Of the worst placement."""
    where: str = ""
    """`CLUSTER/NAMESPACE/NAME` of the worst placement."""
    since: float = 0
    clusters: int = 0
    placements: int = 0
    bad: int = 0
    """Placements that are unknown or degraded."""
    versions: tuple[VersionCount, ...] = ()
    """Most placements first; at most 5."""


@dataclass(frozen=True, kw_only=True)
class EnvironmentVersions:
    """What runs of an environment in a cluster, by the labels of its workloads."""

    environment: str
    cluster: str
    services: int = 0
    versions: int = 0
    """Different ones."""
    bad: int = 0
    mixed: int = 0
    """Services that run more than one version there."""


@dataclass(frozen=True, kw_only=True)
class Fleet:
    """The fleet at a glance."""

    totals: Mapping[str, Counts] = field(default_factory=dict)
    """`clusters`, `nodes`, `workloads`, `pods`, `services`: each by health."""
    clusters: tuple[FleetCluster, ...] = ()
    """All that may be read, the worst first; at most 200."""
    worst: tuple[FleetService, ...] = ()
    """Services that are not healthy, the worst first; at most 100."""
    environments: tuple[EnvironmentVersions, ...] = ()
    """By environment and cluster; at most 200."""
    warnings: tuple[EventRow, ...] = ()
    """Events that go on, newest first; at most 20."""
    as_of: float = 0


@dataclass(frozen=True, kw_only=True)
class Story:
    """An entry of a cluster's life: what happened, what repair did, or what it refused to do and by which rule."""

    at: float
    words: str
    by: str = "cluster"
    """`cluster`, or `repair`."""


@dataclass(frozen=True, kw_only=True)
class RepairDecision:
    """What automatic repair does about a target now, or does not."""

    target: str
    remedy: str
    reason: str
    refusal: str = ""
    """The rule that forbids it; empty: it is in progress."""


@dataclass(frozen=True, kw_only=True)
class ClusterDetails:
    """A cluster with its story. `answers` False: its workflow did not, and what stands here is what was last known."""

    row: FleetCluster
    definition: Mapping[str, Any] = field(default_factory=dict)
    """What it is to be, as `sluiceway cluster show --json` has it; no secret is in it."""
    blocker: str = ""
    blocker_since: float = 0
    add_ons: tuple[str, ...] = ()
    parts: Mapping[str, str] = field(default_factory=dict)
    capabilities: Mapping[str, str] = field(default_factory=dict)
    certificates: tuple[Certificate, ...] = ()
    drift: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    """Namespaces that no policy isolates."""
    unwatched: Mapping[str, str] = field(default_factory=dict)
    story: tuple[Story, ...] = ()
    """Newest first; at most 100."""
    repairs: tuple[RepairDecision, ...] = ()
    repair_policy: str = ""
    """A sentence; empty: automatic repair is off."""
    answers: bool = True
    temporal: str = ""


@dataclass(frozen=True, kw_only=True)
class FleetNamespace:
    """A namespace in a cluster."""

    cluster: str
    name: str
    health: Health = Health.HEALTHY
    status: str = "Active"
    environment: str = ""
    workloads: Counts = field(default_factory=dict)
    """By health."""
    pods: Counts = field(default_factory=dict)
    """By status, as kubectl says it."""
    claims: int = 0
    policies: int = 0
    quota: int = -1
    """Percent of the fullest resource of its quotas; -1: it has none."""
    freshness: Freshness = Freshness.NEVER
    heard_at: float = 0


@dataclass(frozen=True, kw_only=True)
class ObjectFilter:
    """Empty texts filter nothing."""

    kind: str = "Pod"
    """One of `KINDS`; `Workload`: what makes pods; `Other`: neither that nor a pod, a node or a namespace."""
    cluster: str = ""
    namespace: str = ""
    health: str = ""
    """As it is now; `bad`: unknown or degraded; `was-bad`: it was, when its cluster was last heard of."""
    status: str = ""
    node: str = ""
    owner: str = ""
    service: str = ""
    environment: str = ""
    text: str = ""
    """Part of the name."""


@dataclass(frozen=True, kw_only=True)
class ObjectCounts:
    """How many there are under a filter; exact, also where a list has no end."""

    total: int = 0
    health: Counts = field(default_factory=dict)
    status: Counts = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class DetailCount:
    """How many objects of a namespace say the same of a detail."""

    cluster: str
    namespace: str = ""
    text: str = ""
    """Of a detail that is a text; empty: they say nothing."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Of a detail that is labels."""
    number: int = 0


@dataclass(frozen=True, kw_only=True)
class DetailCounts:
    """Exact, also where a list has no end."""

    items: tuple[DetailCount, ...] = ()
    """By cluster and namespace; at most 20,000."""
    cut: bool = False
    """There are more."""


@dataclass(frozen=True, kw_only=True)
class ObjectDetails:
    """One object, what it owns, and its events."""

    row: ObjectRow
    freshness: Freshness = Freshness.NEVER
    heard_at: float = 0
    pods: tuple[ObjectRow, ...] = ()
    """Of a workload, node or claim; at most 100, the worst first."""
    events: tuple[EventRow, ...] = ()
    """Newest first; at most 50."""
    workflow: str = ""
    """Of a pod that Sluiceway runs: `pod/CLUSTER/NAMESPACE/NAME/N`."""
    temporal: str = ""


@dataclass(frozen=True, kw_only=True)
class Found:
    """Something that a search has found."""

    kind: str
    """`cluster`, `namespace`, `service`, `workload`, `pod`, `node`, `run`, `release`, `pipeline`, `environment`,
    `person`."""
    name: str
    where: str = ""
    """`CLUSTER/NAMESPACE`, for example."""
    id: str = ""
    """What its page is addressed by: a workflow id, or `CLUSTER/NAMESPACE/KIND/NAME`."""
    health: str = ""


class Fleets(Protocol):
    """Raises of every method: RefusedError SLW410, the caller may not; SLW907, there is no such thing."""

    async def overview(self) -> Fleet:
        """What is wrong in which cluster, and since when."""
        ...

    async def heard(self) -> Mapping[str, float]:
        """When each cluster that may be read was last heard of (0: never), by name: what lists show grey. Cheap."""
        ...

    async def clusters(self, text: str, status: str, page: PageOf, health: str = "") -> Page[FleetCluster]:
        """By name; empty texts filter nothing. `health` as in `ObjectFilter`."""
        ...

    async def cluster(self, name: str) -> ClusterDetails:
        """One of them."""
        ...

    async def namespaces(self, cluster: str, text: str, page: PageOf) -> Page[FleetNamespace]:
        """By cluster and name."""
        ...

    async def namespace(self, cluster: str, name: str) -> FleetNamespace:
        """One of them."""
        ...

    async def objects(self, filter: ObjectFilter, page: PageOf) -> Page[ObjectRow]:
        """By cluster, namespace, name and kind."""
        ...

    async def counts(self, filter: ObjectFilter) -> ObjectCounts:
        """Under the same filter as `objects`, and with the same rights."""
        ...

    async def details(self, filter: ObjectFilter, detail: str) -> DetailCounts:
        """How many say the same of a detail, under the same filter as `objects`: `priority`, `labels`; of anything else
        there are none.
        """
        ...

    async def object(self, cluster: str, kind: str, namespace: str, name: str) -> ObjectDetails:
        """One of them."""
        ...

    async def services(self, text: str, health: str, page: PageOf) -> Page[FleetService]:
        """By name. `health` as in `ObjectFilter`."""
        ...

    async def service(self, name: str) -> FleetService:
        """One of them; its placements are `objects` with `service`."""
        ...

    async def events(self, cluster: str, namespace: str, going: bool, page: PageOf) -> Page[EventRow]:
        """Newest first. `going`: only those that have not ended."""
        ...

    async def search(self, text: str) -> tuple[Found, ...]:
        """At most 50, the best first: names that begin with the text, then those that have it inside."""
        ...
