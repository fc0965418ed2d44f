"""How many nodes each pool should have: more for unschedulable pods, fewer when nodes are idle."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from domain.clusters import metadata
from domain.clusters.health import quantity
from domain.clusters.manifests import POOL
from domain.clusters.spec import NodePool
from domain.core.documents import Node, Object
from domain.core.values import number

LACKS = ("Insufficient", "Too many pods")
"""The scheduler's messages about full nodes; for any other reason a new node would not help."""
RESERVED = 0.9
"""Share of a new node that pods may be planned onto; system pods take the rest."""


@dataclass(frozen=True)
class ScalePolicy:
    """When automatic scaling adds a node to a pool or removes one."""

    pending_s: float = 10
    """How long a pod may be unschedulable before a node is added."""
    idle_s: float = 600
    """How long a node is idle before it is removed."""


@dataclass(frozen=True)
class Homeless:
    """An unschedulable pod. CPU in cores; `since`: seconds since the epoch."""

    name: str
    cpu: float
    memory_mb: float
    since: float


@dataclass(frozen=True)
class Load:
    """Unschedulable pods and idle nodes, by pool."""

    homeless: tuple[Homeless, ...] = ()
    empty: dict[str, tuple[str, ...]] | None = None


@dataclass(frozen=True)
class Scale:
    """A scaling decision. `refusal` empty: the pool gets `count` nodes. `again_at` as in remediation."""

    pool: str
    count: int
    reason: str
    refusal: str = ""
    again_at: float = 0


def load(nodes: Iterable[Object], pods: Sequence[Object], epoch: Mapping[str, float]) -> Load:
    """The load from API objects. `epoch`: pod `namespace/name` to when it became unschedulable."""
    homeless = [
        Homeless(metadata.full_name(one), *_requests(one), epoch.get(metadata.full_name(one), 0.0))
        for one in pods
        if _finds_no_room(one)
    ]
    used = {Node(one).at("spec", "nodeName").text() for one in pods if _counts(one)}
    empty: dict[str, list[str]] = {}
    for node in nodes:
        pool, name = metadata.labels(node).get(POOL), metadata.name(node)
        if pool and name not in used:
            empty.setdefault(pool, []).append(name)
    ordered = tuple(sorted(homeless, key=lambda one: (one.since, one.name)))
    return Load(ordered, {pool: tuple(sorted(names)) for pool, names in sorted(empty.items())})


def _counts(pod: Object) -> bool:
    """Whether a pod keeps its node in use: not when it has ended, or belongs to a daemon set."""
    ended = Node(pod).at("status", "phase").text() in ("Succeeded", "Failed")
    return not ended and not any(one["kind"].text() in ("DaemonSet", "Node") for one in metadata.owners(pod))


def _finds_no_room(pod: Object) -> bool:
    if metadata.is_ending(pod) or Node(pod).at("spec", "nodeName"):
        return False
    told = [one for one in Node(pod).at("status", "conditions") if one["type"].text() == "PodScheduled"]
    return any(one["status"].text() == "False" and any(word in one["message"].text() for word in LACKS) for one in told)


def _requests(pod: Object) -> tuple[float, float]:
    asked = [one.at("resources", "requests") for one in Node(pod).at("spec", "containers")]
    memory = sum(quantity(one["memory"].text()) for one in asked) / 2**20
    return sum(quantity(one["cpu"].text()) for one in asked), memory


def decide(
    pools: Sequence[NodePool], seen: Load, since: Mapping[str, float], policy: ScalePolicy, now: float
) -> list[Scale]:
    """A decision for each pool. `since`: node to when it was first seen idle."""
    grown = _grown(pools, seen, policy, now)
    return grown or [one for pool in pools if (one := _shrunk(pool, seen, since, policy, now)) is not None]


def _grown(pools: Sequence[NodePool], seen: Load, policy: ScalePolicy, now: float) -> list[Scale]:
    """Packs pods onto new nodes: the largest first, each into the first node with room."""
    growing = [pool for pool in pools if pool.max_count]
    if not growing or not seen.homeless:
        return []
    waits = [one for one in seen.homeless if now >= one.since + policy.pending_s]
    if not waits:
        at = min(one.since for one in seen.homeless) + policy.pending_s
        return [
            Scale("", 0, f"{number(len(seen.homeless), 'pod')} cannot be scheduled", "they may still be scheduled", at)
        ]
    planned: dict[str, list[tuple[float, float]]] = {pool.name: [] for pool in growing}
    lost: list[Scale] = []
    for one in sorted(waits, key=lambda pod: (-pod.cpu, -pod.memory_mb, pod.name)):
        refusal = _placed(one, growing, planned)
        if refusal:
            lost.append(Scale("", 0, f"{one.name} cannot be scheduled", refusal))
    made = [
        Scale(pool.name, pool.count + len(planned[pool.name]), f"{number(len(waits), 'pod')} cannot be scheduled")
        for pool in growing
        if planned[pool.name]
    ]
    return made + lost[:5]


def _placed(one: Homeless, pools: Sequence[NodePool], planned: dict[str, list[tuple[float, float]]]) -> str:
    """Places a pod on a planned node, or plans one more; returns why no pool fits, or an empty text."""
    fits = [pool for pool in pools if one.cpu <= pool.cpu * RESERVED and one.memory_mb <= pool.memory_mb * RESERVED]
    if not fits:
        return f"no pool has nodes with {one.cpu:g} cores and {one.memory_mb:,.0f} MB"
    for pool in fits:
        nodes = planned[pool.name]
        for index, (cpu, memory_mb) in enumerate(nodes):
            if one.cpu <= cpu and one.memory_mb <= memory_mb:
                nodes[index] = (cpu - one.cpu, memory_mb - one.memory_mb)
                return ""
    for pool in fits:
        if pool.count + len(planned[pool.name]) < pool.max_count:
            room = (pool.cpu * RESERVED - one.cpu, pool.memory_mb * RESERVED - one.memory_mb)
            planned[pool.name].append(room)
            return ""
    return f"pool {fits[0].name} is at its maximum of {number(fits[0].max_count, 'node')}"


def _shrunk(pool: NodePool, seen: Load, since: Mapping[str, float], policy: ScalePolicy, now: float) -> Scale | None:
    """Nodes are numbered, and a pool shrinks from the highest number: only those nodes count."""
    if not pool.max_count or seen.homeless:
        return None
    empty = {name: since.get(name, now) for name in (seen.empty or {}).get(pool.name, ())}
    top = pool.count
    while top > pool.min_count and (name := _numbered(empty, pool, top - 1)):
        if now < empty[name] + policy.idle_s:
            words = f"it has been empty for less than {policy.idle_s:g} s"
            if top == pool.count:
                return Scale(pool.name, top, f"{name} is empty", words, empty[name] + policy.idle_s)
            break
        top -= 1
    gone = pool.count - top
    return Scale(pool.name, top, f"{number(gone, 'node')} empty for {policy.idle_s:g} s") if gone else None


def _numbered(empty: Mapping[str, float], pool: NodePool, number: int) -> str:
    return next((name for name in empty if name.endswith(f"-{pool.name}-{number}")), "")


def remembered(since: Mapping[str, float], seen: Load, now: float) -> dict[str, float]:
    """Since when each idle node has been idle; nodes with pods are dropped."""
    names = [name for pool in (seen.empty or {}).values() for name in pool]
    return {name: since.get(name, now) for name in names}
