"""Whether something fits into a namespace: its quotas, its limits, and what its nodes have left.

Quantities are in what Kubernetes counts by: cores, bytes, or a number of objects.
Sources: https://kubernetes.io/docs/concepts/policy/resource-quotas/ and https://kubernetes.io/docs/concepts/policy/limit-range/
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from domain.clusters.health import quantity
from domain.core.documents import Node
from domain.core.values import number
from domain.inventory.model import PLACED, ObjectRow

MIB = 2**20
_STORAGE_CLASS = ".storageclass.storage.k8s.io/"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What somebody wants in a namespace: pods that are alike, and claims that are alike. 0: none, or not named."""

    pods: int = 0
    cpu_m: int = 0
    """Millicores that each pod requests."""
    memory_mb: int = 0
    cpu_limit_m: int = 0
    memory_limit_mb: int = 0
    claims: int = 0
    storage_mb: int = 0
    """Of each claim."""
    storage_class: str = ""


@dataclass(frozen=True, kw_only=True)
class QuotaRoom:
    """One resource of a quota."""

    namespace: str = ""
    quota: str
    resource: str
    """`requests.cpu`, `pods`, …"""
    hard: float
    used: float
    reserved: float = 0
    """What replicas would take that are wanted, and not made yet."""
    scopes: tuple[str, ...] = ()
    """It counts only pods of these."""

    @property
    def left(self) -> float:
        """Never below 0: a quota that was lowered is over-used."""
        return max(self.hard - self.used - self.reserved, 0.0)

    @property
    def percent(self) -> int:
        """Used and reserved. What allows nothing is full where something is used."""
        taken = self.used + self.reserved
        return round(100 * taken / self.hard) if self.hard else 100 * bool(taken)


@dataclass(frozen=True, kw_only=True)
class NodeFree:
    """What is left of a node that takes pods."""

    name: str
    cpu_m: int
    memory_mb: int
    pods: int


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """What a LimitRange says about one resource of a `Container`, a `Pod` or a `PersistentVolumeClaim`. 0: nothing."""

    name: str
    type: str
    resource: str
    least: float = 0
    most: float = 0
    default: float = 0
    """Limit of a container that names none."""
    default_request: float = 0


@dataclass(frozen=True, kw_only=True)
class Fit:
    """The answer, and why."""

    fits: bool
    reasons: tuple[str, ...] = ()
    """Why not; empty where it fits."""
    notes: tuple[str, ...] = ()
    """What could not be looked at."""


def quotas_of(rows: Iterable[ObjectRow], missing: Mapping[str, float] | None = None) -> tuple[QuotaRoom, ...]:
    """Of rows of kind ResourceQuota. `missing`: what `missing_of` says of the same namespace."""
    return tuple(one for row in rows for one in _rooms(row, missing or {}))


def _rooms(row: ObjectRow, missing: Mapping[str, float]) -> Iterator[QuotaRoom]:
    said = Node(row.details)
    scopes = tuple(said["scopes"].texts())
    for one in said["resources"]:
        name = one["name"].text()
        yield QuotaRoom(
            namespace=row.namespace,
            quota=row.name,
            resource=name,
            hard=one["hard_number"].number(),
            used=one["used_number"].number(),
            reserved=0 if scopes else missing.get(name.removeprefix("count/"), 0),
            scopes=scopes,
        )


def missing_of(workloads: Iterable[ObjectRow], pods: Iterable[ObjectRow]) -> dict[str, float]:
    """What pods would take that workloads of a namespace want, and that are not made yet: by resource of a quota."""
    made = Counter(pod.owner for pod in pods)
    lacking = [(max(row.wanted - made[f"{row.kind}/{row.name}"], 0), row) for row in workloads if row.kind in PLACED]
    cpu = sum(count * row.cpu_m for count, row in lacking) / 1000
    memory = float(sum(count * row.memory_mb for count, row in lacking)) * MIB
    pods_ = float(sum(count for count, _ in lacking))
    found = {"pods": pods_, "requests.cpu": cpu, "cpu": cpu, "requests.memory": memory, "memory": memory}
    return {name: amount for name, amount in found.items() if amount}


def bounds_of(rows: Iterable[ObjectRow]) -> tuple[Bounds, ...]:
    """Of rows of kind LimitRange."""
    return tuple(
        Bounds(
            name=row.name,
            type=one["type"].text(),
            resource=one["resource"].text(),
            least=quantity(one["min"].text()),
            most=quantity(one["max"].text()),
            default=quantity(one["default"].text()),
            default_request=quantity(one["default_request"].text()) or quantity(one["default"].text()),
        )
        for row in rows
        for one in Node(row.details)["limits"]
    )


def free_of(nodes: Iterable[ObjectRow], pods: Iterable[ObjectRow]) -> tuple[NodeFree, ...]:
    """What nodes have left that take any pod: neither lost, nor cordoned, nor tainted. `pods`: all of the cluster."""
    cpu, memory, count = Counter[str](), Counter[str](), Counter[str]()
    for pod in pods:
        if pod.node and Node(pod.details)["phase"].text() not in ("Succeeded", "Failed"):
            cpu[pod.node] += pod.cpu_m
            memory[pod.node] += pod.memory_mb
            count[pod.node] += 1
    return tuple(
        NodeFree(
            name=node.name,
            cpu_m=max(node.cpu_m - cpu[node.name], 0),
            memory_mb=max(node.memory_mb - memory[node.name], 0),
            pods=max(Node(node.details)["pods"].whole() - count[node.name], 0),
        )
        for node in nodes
        if _takes_pods(node)
    )


def _takes_pods(node: ObjectRow) -> bool:
    said = Node(node.details)
    tainted = any(one["effect"].text() in ("NoSchedule", "NoExecute") for one in said["taints"])
    return not (tainted or said["unschedulable"] or node.health.rank)


def fits(
    asked: Asked, quotas: Iterable[QuotaRoom], bounds: Iterable[Bounds] = (), free: Iterable[NodeFree] | None = None
) -> Fit:
    """Whether a namespace of these quotas and limits takes it. `free` None: nobody knows what nodes have left."""
    limits, rooms = tuple(bounds), tuple(quotas)
    wanted = _with_defaults(asked, limits)
    reasons = [
        *(reason for room in rooms if not room.scopes and (reason := _over(room, wanted))),
        *(reason for one in limits if (reason := _out_of(one, wanted))),
        *([] if free is None or not asked.pods else filter(None, [_no_node(wanted, tuple(free))])),
    ]
    scoped = sorted({room.quota for room in rooms if room.scopes})
    notes = [f"quota {name} counts only some pods and was not looked at" for name in scoped]
    if free is None and asked.pods:
        notes.append("what its nodes have left is not known")
    return Fit(fits=not reasons, reasons=tuple(reasons), notes=tuple(notes))


def _with_defaults(asked: Asked, bounds: Iterable[Bounds]) -> Asked:
    """What a container has that names nothing: the first LimitRange's defaults."""
    of = {one.resource: one for one in reversed(tuple(bounds)) if one.type == "Container"}
    cpu, memory = of.get("cpu"), of.get("memory")
    cpu_limit_m = asked.cpu_limit_m or (round(cpu.default * 1000) if cpu else 0)
    memory_limit_mb = asked.memory_limit_mb or (round(memory.default / MIB) if memory else 0)
    return Asked(
        pods=asked.pods,
        cpu_m=asked.cpu_m or asked.cpu_limit_m or (round(cpu.default_request * 1000) if cpu else 0),
        memory_mb=asked.memory_mb or asked.memory_limit_mb or (round(memory.default_request / MIB) if memory else 0),
        cpu_limit_m=cpu_limit_m,
        memory_limit_mb=memory_limit_mb,
        claims=asked.claims,
        storage_mb=asked.storage_mb,
        storage_class=asked.storage_class,
    )


def amount_of(asked: Asked, resource: str) -> float:
    """What it takes of a resource of a quota; 0: nothing, or a resource that is not known here."""
    if _STORAGE_CLASS in resource:
        of, _, resource = resource.partition(_STORAGE_CLASS)
        if of != asked.storage_class:
            return 0
    taken: dict[str, float] = {
        "pods": asked.pods,
        "requests.cpu": asked.pods * asked.cpu_m / 1000,
        "requests.memory": float(asked.pods * asked.memory_mb * MIB),
        "limits.cpu": asked.pods * asked.cpu_limit_m / 1000,
        "limits.memory": float(asked.pods * asked.memory_limit_mb * MIB),
        "requests.storage": float(asked.claims * asked.storage_mb * MIB),
        "persistentvolumeclaims": asked.claims,
    }
    taken |= {"cpu": taken["requests.cpu"], "memory": taken["requests.memory"]}
    return taken.get(resource.removeprefix("count/"), 0)


_MUST_BE_NAMED = ("requests.cpu", "requests.memory", "limits.cpu", "limits.memory", "cpu", "memory")


def _over(room: QuotaRoom, asked: Asked) -> str:
    amount = amount_of(asked, room.resource)
    if not amount:
        unnamed = asked.pods and room.resource in _MUST_BE_NAMED
        return f"quota {room.quota} counts {room.resource}, and each pod has to name it" if unnamed else ""
    if amount <= room.left * (1 + 1e-9):
        return ""
    used, hard, left, wants = (shown(one, room.resource) for one in (room.used, room.hard, room.left, amount))
    reserved = f", {shown(room.reserved, room.resource)} reserved" if room.reserved else ""
    what = f"would exceed {room.resource} of quota {room.quota}"
    return f"{what}: {used} of {hard} used{reserved}, {left} left, {wants} asked"


def shown(amount: float, resource: str) -> str:
    """`3.5`, `512 MiB`, `1.5 GiB`: as people write an amount of a resource."""
    if not any(word in resource for word in ("memory", "storage")):
        return f"{amount:.10g}"
    mib = amount / MIB
    return f"{mib / 1024:.4g} GiB" if mib >= 1024 else f"{mib:.4g} MiB"


def _out_of(one: Bounds, asked: Asked) -> str:
    """What a LimitRange refuses; of pods with several containers only their sum is known."""
    if one.type == "PersistentVolumeClaim":
        amount = float(asked.storage_mb * MIB) if asked.claims and one.resource == "storage" else 0
    elif one.type in ("Container", "Pod") and asked.pods:
        amount = {"cpu": asked.cpu_m / 1000, "memory": float(asked.memory_mb * MIB)}.get(one.resource, 0)
    else:
        amount = 0
    wants = shown(amount, one.resource)
    said, by = f"{one.resource} of a {one.type} is", f"by limits {one.name}: {wants} asked"
    if amount and one.most and amount > one.most:
        return f"{said} at most {shown(one.most, one.resource)} {by}"
    if amount and amount < one.least:
        return f"{said} at least {shown(one.least, one.resource)} {by}"
    return ""


def _no_node(asked: Asked, free: tuple[NodeFree, ...]) -> str:
    """Why its nodes do not take all pods: they are put where they fit, as a scheduler without other wishes does."""
    places = sum(_places(one, asked) for one in free)
    if places >= asked.pods:
        return ""
    each = f"{shown(asked.cpu_m / 1000, 'cpu')} CPU and {shown(float(asked.memory_mb * MIB), 'memory')}"
    if places:
        return f"its nodes have room for {number(places, 'pod')} of {each}, {asked.pods} asked"
    most = max(free, key=lambda one: (one.cpu_m, one.memory_mb), default=None)
    if most is None:
        return "no node takes pods"
    left = f"{shown(most.cpu_m / 1000, 'cpu')} CPU and {shown(float(most.memory_mb * MIB), 'memory')}"
    return f"no node has room for a pod of {each}: {most.name} has most left, {left}"


def _places(one: NodeFree, asked: Asked) -> int:
    places = one.pods
    if asked.cpu_m:
        places = min(places, one.cpu_m // asked.cpu_m)
    if asked.memory_mb:
        places = min(places, one.memory_mb // asked.memory_mb)
    return places
