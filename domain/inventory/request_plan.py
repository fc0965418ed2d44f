"""What a request would do to a namespace: what changes, whether it fits, and whom it meets.

A plan says what was last known. It does not decide: people do, with it before them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from domain.clusters import metadata, request_ground, requests
from domain.clusters.request_ground import Ground
from domain.clusters.requests import UNITS, ClusterRequest, RequestKind
from domain.clusters.spec import ClusterSpec
from domain.core.documents import Node
from domain.core.values import number
from domain.inventory import priority_plan
from domain.inventory.model import PLACED, ObjectRow
from domain.inventory.priority_plan import Having

MOST_AFFECTED = 50
OVER = ("Succeeded", "Failed", "Completed")
"""Statuses of pods that use nothing any more."""
COUNTED: Mapping[str, tuple[str, float]] = {
    "requests.cpu": ("cpu", 1.0),
    "requests.memory": ("memory_mb", 2.0**20),
    "requests.storage": ("storage_gb", 2.0**30),
    "pods": ("pods", 1.0),
    "persistentvolumeclaims": ("claims", 1.0),
}
"""What a ResourceQuota counts, to a field of `Quota` and its unit (`domain.clusters.manifests`)."""


@dataclass(frozen=True)
class ValueChange:
    """One limit. 0: no limit."""

    name: str
    unit: str
    before: float
    after: float
    used: float = -1
    """What is used of it now; -1: not known."""


@dataclass(frozen=True)
class Affected:
    """Something in the namespace that the change meets, and how."""

    kind: str
    name: str
    why: str
    namespace: str = ""
    """Empty: of the request."""


@dataclass(frozen=True, kw_only=True)
class RequestPlan:
    """What is known before anybody agrees."""

    request: ClusterRequest
    changes: tuple[ValueChange, ...] = ()
    opens: tuple[str, ...] = ()
    """Connections that an exception opens, a sentence each."""
    fits: bool = True
    """False: something is used beyond the new limit, or nodes have less than pods may ask for."""
    room: tuple[str, ...] = ()
    """Whether it fits, with its numbers, a sentence each."""
    affected: tuple[Affected, ...] = ()
    """The first `MOST_AFFECTED`."""
    affected_count: int = 0
    refusals: tuple[str, ...] = ()
    """Why it cannot be asked for; empty: it can."""
    wrong: dict[str, str] = field(default_factory=dict)
    """Field to what is wrong with it."""
    approval: str = ""
    """Who has to agree, as a sentence."""
    heard_at: float = 0
    """When the cluster was last heard of, in Unix seconds; 0: nothing is known of what runs in it."""
    told_at: float = 0
    """When the API of a registered cluster has said what is changed, in Unix seconds; 0: its definition says it."""

    @property
    def possible(self) -> bool:
        """Whether it can be asked for."""
        return not (self.refusals or self.wrong)


@dataclass(frozen=True, kw_only=True)
class Room:
    """What a cluster's nodes have, and what its pods ask for: millicores and MiB."""

    cpu_m: int = 0
    memory_mb: int = 0
    pods: int = 0
    asked_cpu_m: int = 0
    asked_memory_mb: int = 0


def plan_of(
    spec: ClusterSpec,
    rows: Sequence[ObjectRow],
    asked: ClusterRequest,
    now: float,
    room: Room | None = None,
    ground: Ground | None = None,
    having: Having | None = None,
) -> RequestPlan:
    """`rows`: of the namespace; of a priority class the workloads that name it. `room`: None, nothing is known of the
    nodes. `ground`: of a registered cluster, what its API says. `having`: who has which priority class.
    """
    if wrong := dict(reversed([*requests.complaints(asked, now)])):
        return RequestPlan(request=asked, wrong=wrong)
    request, refused = _bound(spec, asked, ground)
    if asked.kind is RequestKind.PRIORITY:
        refused = (*refused, *priority_plan.refusals(request, having or Having()))
    if refused:
        return RequestPlan(request=request, refusals=refused)
    if asked.kind is RequestKind.PRIORITY:
        return _of_class(rows, request, having or Having())
    if asked.kind is RequestKind.EXCEPTION:
        met, closed = list(_opened(rows, request)), tuple(_still_closed(spec, request))
        return RequestPlan(
            request=request,
            opens=tuple(_openings(request)),
            fits=not closed,
            room=closed,
            affected=tuple(met[:MOST_AFFECTED]),
            affected_count=len(met),
        )
    changes = tuple(_changes(rows, request))
    limited = list(_limited(rows, request))
    met = [*_managed(request, ground), *limited, *_scaled(rows, request, changes)]
    told = [*_over(changes), *_beyond(request, changes, room)]
    told += [f"{number(len(limited), 'workload')} would be above it"] if limited else []
    return RequestPlan(
        request=request,
        changes=changes,
        fits=not told,
        room=tuple(told or ["what is used stays within it"]),
        affected=tuple(met[:MOST_AFFECTED]),
        affected_count=len(met),
    )


def _bound(spec: ClusterSpec, asked: ClusterRequest, ground: Ground | None) -> tuple[ClusterRequest, tuple[str, ...]]:
    """With what it replaces, and why it cannot be done."""
    if spec.ours or asked.kind is RequestKind.PRIORITY:
        return requests.bound(spec, asked), tuple(requests.refusals(spec, asked))
    known = ground or Ground(trouble="nobody has asked it")
    refused = tuple(request_ground.refusals(spec.name, known, asked))
    return (asked if refused else request_ground.bound(known, asked)), refused


def _of_class(rows: Sequence[ObjectRow], asked: ClusterRequest, having: Having) -> RequestPlan:
    named = list(priority_plan.named_by(rows, asked.name))
    why = "its new pods get the new value" if asked.values else "its new pods would be refused"
    return RequestPlan(
        request=asked,
        changes=tuple(
            ValueChange(name, "", asked.before.get(name, 0.0), asked.values.get(name, 0.0))
            for name in (asked.values or asked.before)
        ),
        fits=bool(asked.values) or not named,
        room=tuple(priority_plan.told(asked, having, len(named))),
        affected=tuple(Affected(one.kind, one.name, why, one.namespace) for one in named[:MOST_AFFECTED]),
        affected_count=len(named),
    )


# -- quotas and limits ----------------------------------------------------------------------------------------------


def _changes(rows: Iterable[ObjectRow], asked: ClusterRequest) -> Iterator[ValueChange]:
    known = used(rows)
    for name, after in asked.values.items():
        yield ValueChange(name, UNITS[name], asked.before.get(name, 0.0), after, known.get(name, -1.0))


def used(rows: Iterable[ObjectRow]) -> dict[str, float]:
    """What is used of each field of a quota: as its ResourceQuota says, else as the pods and claims add up."""
    found = list(rows)
    alive = [one for one in found if one.kind == "Pod" and one.status not in OVER]
    sums = {
        "cpu": sum(one.cpu_m for one in alive) / 1000,
        "memory_mb": float(sum(one.memory_mb for one in alive)),
        "pods": float(len(alive)),
        "claims": float(sum(one.kind == "PersistentVolumeClaim" for one in found)),
    }
    said = {name: value for one in found if one.kind == "ResourceQuota" for name, value in _told(one)}
    return sums | said if found else {}


def _told(quota: ObjectRow) -> Iterator[tuple[str, float]]:
    for one in Node(quota.details)["resources"]:
        if known := COUNTED.get(one["name"].text()):
            name, unit = known
            yield name, round(one["used_number"].number() / unit, 3)


def _over(changes: Iterable[ValueChange]) -> Iterator[str]:
    for one in changes:
        if one.after and one.used > one.after:
            yield (
                f"{one.used:g} {one.unit} are in use and {one.after:g} would be allowed: what runs goes on, "
                "and nothing new starts until it is less"
            )


def _beyond(asked: ClusterRequest, changes: Iterable[ValueChange], room: Room | None) -> Iterator[str]:
    """Whether nodes have what pods of the namespace may ask for in addition."""
    if room is None or asked.kind is not RequestKind.QUOTA:
        return
    free = {"cpu": (room.cpu_m - room.asked_cpu_m) / 1000, "memory_mb": float(room.memory_mb - room.asked_memory_mb)}
    for one in changes:
        if one.name not in free or one.used < 0:
            continue
        more = one.after - one.used
        if one.after > one.before and more > free[one.name]:
            yield f"its pods could ask for {more:g} {one.unit} more, and the nodes have {max(free[one.name], 0):g} free"


def _limited(rows: Iterable[ObjectRow], asked: ClusterRequest) -> Iterator[Affected]:
    """Workloads whose containers would not be admitted again."""
    most_m, most_mb = asked.values.get("container_cpu", 0) * 1000, asked.values.get("container_memory_mb", 0)
    if not (most_m or most_mb):
        return
    owners: dict[str, tuple[str, int]] = {}
    for pod in rows:
        why = "" if pod.kind != "Pod" or pod.status in OVER else _too_big(pod, most_m, most_mb)
        if why:
            name = pod.owner or f"Pod/{pod.name}"
            owners[name] = (owners.get(name, (why, 0))[0], owners.get(name, ("", 0))[1] + 1)
    for name, (why, count) in sorted(owners.items()):
        kind, _, plain = name.partition("/")
        yield Affected(kind, plain, f"{why}; {number(count, 'pod')} could not be made again")


def _too_big(pod: ObjectRow, most_m: float, most_mb: float) -> str:
    for one in Node(pod.details)["containers"]:
        has_m = max(one["cpu_m"].number(), one["cpu_limit_m"].number())
        has_mb = max(one["memory_mb"].number(), one["memory_limit_mb"].number())
        if most_m and has_m > most_m:
            return f"container {one['name'].text()} has {has_m / 1000:g} cores"
        if most_mb and has_mb > most_mb:
            return f"container {one['name'].text()} has {has_mb:g} MB"
    return ""


def _managed(asked: ClusterRequest, ground: Ground | None) -> Iterator[Affected]:
    """Objects of others that a tool of theirs sets back."""
    for one, tool in request_ground.managed(ground, asked) if ground else ():
        why = f"{tool} has made it, and may set it back to what it was"
        yield Affected(Node(one)["kind"].text(), metadata.name(one), why)


def _scaled(rows: Sequence[ObjectRow], asked: ClusterRequest, changes: Sequence[ValueChange]) -> Iterator[Affected]:
    """Autoscalers that could not reach what they may ask for."""
    if asked.kind is not RequestKind.QUOTA:
        return
    lowered = (one for one in changes if one.name == "pods" and one.after and not 0 < one.before < one.after)
    pods = next(lowered, None)
    for one in rows:
        if one.kind != "HorizontalPodAutoscaler":
            continue
        most = Node(one.details)["max"].whole()
        others = max(pods.used, 0) - one.ready if pods else 0
        if pods and most + max(others, 0) > pods.after:
            yield Affected(one.kind, one.name, f"it may ask for {number(most, 'pod')}, which no longer fit")
    if any(one.after and one.used > one.after for one in changes):
        for one in rows:
            if one.kind in PLACED and one.wanted:
                yield Affected(one.kind, one.name, "a new pod of it has to wait")


# -- exceptions -----------------------------------------------------------------------------------------------------


def _openings(asked: ClusterRequest) -> Iterator[str]:
    for name in asked.allow_from:
        yield f"pods of namespace {name} may connect to pods of {asked.namespace}"
    for text in asked.allow_to:
        yield f"pods of {asked.namespace} may connect to {text}"


def _still_closed(spec: ClusterSpec, asked: ClusterRequest) -> Iterator[str]:
    """A connection has two ends: pods of an isolated namespace do not reach another one either."""
    for name in asked.allow_from:
        if spec.network.isolated and requests.quota_of(spec, name) is not None:
            yield f"{name} is isolated itself: its pods also need an exception for the addresses that they reach"


def _opened(rows: Iterable[ObjectRow], asked: ClusterRequest) -> Iterator[Affected]:
    """Who is reached, or reaches more: a policy of a cluster covers all pods of the namespace."""
    ways = [*(["is reached by more"] if asked.allow_from else []), *(["reaches more"] if asked.allow_to else [])]
    for one in rows:
        if one.kind in PLACED:
            yield Affected(one.kind, one.name, ", ".join(ways))
