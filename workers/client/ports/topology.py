"""Maps of the clusters, who may reach whom, storage and room; for whoever may read them: `clusters:read`.

Every answer is of what was last heard of a cluster, and says when that was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from domain.inventory.generated import Declares, GeneratedPolicy
from domain.inventory.matrix import Matrix
from domain.inventory.model import Freshness, ObjectRow
from domain.inventory.reach import Answer
from domain.inventory.room import Asked, Bounds, Fit, QuotaRoom
from domain.inventory.topology import Drawing, Level
from workers.client.ports.pages import Page, PageOf


@dataclass(frozen=True, kw_only=True)
class TopologyMap:
    """Boxes and edges, placed."""

    level: Level
    cluster: str = ""
    namespace: str = ""
    workload: str = ""
    """`Deployment/web`."""
    drawing: Drawing = Drawing()
    things: int = 0
    """How many the map is about: all that there are, also those that share a box."""
    unread: int = 0
    """Things that have no box of their own because they were counted and not read: there are too many."""
    unsure: bool = False
    """There are more policies or pods than were read: more may be allowed than the edges say."""
    unlinked: int = 0
    """Namespaces between which and others no connection was computed: there are too many."""
    freshness: Freshness = Freshness.LIVE
    heard_at: float = 0
    as_of: float = 0


@dataclass(frozen=True, kw_only=True)
class ProbeRow:
    """What a probe of a namespace's isolation found."""

    namespace: str
    elsewhere: str
    """The namespace whose pod tried to get in."""
    isolation: str
    """`enforced`, `not enforced`, `open`, `broken`."""
    words: str = ""
    at: float = 0


@dataclass(frozen=True, kw_only=True)
class NetworkRow:
    """Isolation of a namespace: declared and probed."""

    name: str
    environment: str = ""
    closed: Answer = Answer.NONE
    """Whether policies close the way in to all of its pods, to some, or to none."""
    policies: int = 0
    probe: ProbeRow | None = None


@dataclass(frozen=True, kw_only=True)
class Networks:
    """Who reaches whom in a cluster."""

    cluster: str
    matrix: Matrix = Matrix()
    namespaces: tuple[NetworkRow, ...] = ()
    """Those of the table, in its order."""
    enforcer: str = ""
    """Who enforces policies: `Calico`, …; empty: nobody is known to."""
    policies: tuple[ObjectRow, ...] = ()
    """Of the namespace that is asked for, else of the cluster; at most 100."""
    declares: Declares = Declares.UNKNOWN
    """What the cluster's definition says of its namespaces."""
    generated: tuple[GeneratedPolicy, ...] = ()
    """What the definition generates beside what is there, of the namespace or the cluster; what differs comes first.
    At most 100."""
    generated_counts: Mapping[str, int] = field(default_factory=dict)
    """All of them, by state."""
    unread: bool = False
    """There are more than 5,000 policies, or 20,000 labels of workloads: the table may be wrong, and says so."""
    freshness: Freshness = Freshness.NEVER
    heard_at: float = 0


@dataclass(frozen=True, kw_only=True)
class ClaimRow:
    """A claim with who uses it."""

    row: ObjectRow
    users: tuple[str, ...] = ()
    """Pods that mount it; at most 20."""
    users_known: bool = True
    """False: the namespace has too many pods to look at."""
    fate: str = ""
    """What becomes of its volume when the claim is deleted, as a sentence; empty: it has none, or nobody says."""
    loses: bool = False
    """Its data is lost then."""
    can_expand: bool = False


@dataclass(frozen=True, kw_only=True)
class OrphanRow:
    """Storage that nobody uses. `size_gb` in GiB."""

    kind: str
    namespace: str = ""
    name: str
    why: str
    size_gb: float = 0


@dataclass(frozen=True, kw_only=True)
class Storage:
    """Storage of a cluster, but its claims."""

    cluster: str
    volumes: tuple[ObjectRow, ...] = ()
    """At most 200: those first that are not bound."""
    snapshots: tuple[ObjectRow, ...] = ()
    classes: tuple[ObjectRow, ...] = ()
    orphans: tuple[OrphanRow, ...] = ()
    """At most 100."""
    orphans_known: bool = True
    """False: there is too much to look at; only what the volumes say of themselves is told."""
    freshness: Freshness = Freshness.NEVER
    heard_at: float = 0


@dataclass(frozen=True, kw_only=True)
class PriorityRow:
    """A priority class, and who has it."""

    name: str = ""
    """Empty: pods that name none, and get 0."""
    row: ObjectRow | None = None
    """None: there is none of this name, although pods have it."""
    pods: int = 0
    """All that have it, also those that have ended; of the namespace, where one is asked for."""
    namespaces: tuple[tuple[str, int], ...] = ()
    """Namespace, and how many pods have it there: most first, at most 10."""
    places: int = 0
    """In how many namespaces."""


@dataclass(frozen=True, kw_only=True)
class Rooms:
    """Quotas, limits and autoscalers of a cluster or of one namespace."""

    cluster: str
    namespace: str = ""
    quotas: tuple[QuotaRoom, ...] = ()
    """The fullest first; at most 500 resources."""
    more: int = 0
    """Quotas that were not read."""
    limits: tuple[tuple[str, Bounds], ...] = ()
    """Namespace, and what a LimitRange of it says; at most 500."""
    autoscalers: tuple[ObjectRow, ...] = ()
    """At most 200, the worst first."""
    priorities: tuple[PriorityRow, ...] = ()
    """The highest first. At most 300."""
    freshness: Freshness = Freshness.NEVER
    heard_at: float = 0


@dataclass(frozen=True, kw_only=True)
class Fitting:
    """Whether something fits, and by which numbers."""

    asked: Asked
    fit: Fit
    quotas: tuple[QuotaRoom, ...] = ()
    """Of the namespace."""
    limits: tuple[Bounds, ...] = field(default_factory=tuple)


class Topologies(Protocol):
    """Raises of every method: RefusedError SLW410, the caller may not; SLW907, there is no such thing."""

    async def map(self, cluster: str, namespace: str, workload: str) -> TopologyMap:
        """Level 1 without a cluster, 2 without a namespace, 3 without a workload (`Deployment/web`), else 4."""
        ...

    async def reach(self, cluster: str, namespace: str) -> Networks:
        """Who may reach whom. With a namespace: it comes first, and the policies are its own."""
        ...

    async def claims(self, cluster: str, namespace: str, status: str, page: PageOf) -> Page[ClaimRow]:
        """By cluster, namespace and name; empty texts filter nothing."""
        ...

    async def storage(self, cluster: str) -> Storage:
        """Volumes, snapshots, storage classes and orphans of a cluster."""
        ...

    async def rooms(self, cluster: str, namespace: str) -> Rooms:
        """Of a cluster, or of one namespace."""
        ...

    async def fits(self, cluster: str, namespace: str, asked: Asked) -> Fitting:
        """Whether a namespace takes it, by its quotas and limits, and by what the cluster's nodes have left."""
        ...
