"""The observed state of a cluster."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from domain.clusters import metadata
from domain.clusters.facts import ClusterFacts
from domain.core.documents import Node, Object

BINARY = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "Pi": 2**50, "Ei": 2**60}
DECIMAL = {"n": 1e-9, "u": 1e-6, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18}
SHOWN = 20
"""How many nodes are named."""


@dataclass(frozen=True)
class NodeUse:
    """What one node uses. CPU in cores."""

    name: str
    cpu: float = 0
    memory_mb: int = 0


@dataclass(frozen=True, kw_only=True)
class NodeRoom:
    """What pods may have of one node, or of all, and what those that run there request. CPU in cores."""

    name: str = ""
    cpu: float = 0
    memory_mb: int = 0
    pods: int = 0
    """How many fit."""
    asked_cpu: float = 0
    asked_memory_mb: int = 0
    running: int = 0
    """Pods that have a place there and have not ended."""


@dataclass(frozen=True, kw_only=True)
class ClusterHealth:
    """CPU in cores. `trouble` empty: the API answers."""

    trouble: str = ""
    version: str = ""
    nodes: int = 0
    ready: int = 0
    cpu: float = 0
    memory_mb: int = 0
    pods: int = 0
    """How many pods fit."""
    unready: tuple[str, ...] = ()
    """Names, SHOWN at most."""
    capabilities: dict[str, str] = field(default_factory=dict)
    drift: tuple[str, ...] = ()
    """Applied objects that were changed since, as text."""
    open: tuple[str, ...] = ()
    """Namespaces that the definition does not name, and that no policy isolates; where its own are isolated."""
    used_cpu: float = 0
    """What its nodes use now, where metrics.k8s.io is served; else 0."""
    used_memory_mb: int = 0
    busiest: tuple[NodeUse, ...] = ()
    """SHOWN at most, by their cores."""
    room: NodeRoom | None = None
    """Of all nodes together; None: pods may not be listed, or are too many."""
    rooms: tuple[NodeRoom, ...] = ()
    """SHOWN at most, the fullest first."""
    facts: ClusterFacts | None = None
    """As they were read with it; None: they were read a short while before."""


def quantity(text: str | float) -> float:
    """The number that a Kubernetes quantity (`100m`, `2`, `64Mi`, `1e3`) stands for; 0 when it is invalid.

    Source: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
    """
    word = str(text)
    for unit, factor in (*BINARY.items(), *DECIMAL.items()):
        if word.endswith(unit):
            word, scale = word.removesuffix(unit), float(factor)
            break
    else:
        scale = 1.0
    try:
        value = float(word) * scale
    except ValueError:
        return 0.0
    return value if math.isfinite(value) else 0.0


def condition(one: Object, kind: str) -> str:
    """The status (True, False, Unknown) of an object's condition; empty when it has no such condition."""
    found = (each for each in Node(one).at("status", "conditions") if each["type"].text() == kind)
    return next(found, Node())["status"].text()


def why_not(one: Object, kind: str) -> str:
    """Why an object's condition is not True, in the words of who says so; empty: it is True."""
    if condition(one, kind) == "True":
        return ""
    words = [each["message"].text() for each in Node(one).at("status", "conditions")]
    return "; ".join(filter(None, words)) or f"nobody says that it is {kind}"


def of_nodes(nodes: Sequence[Object], version: str, capabilities: Mapping[str, str]) -> ClusterHealth:
    """Sums what Node objects report: allocatable cores, MiB and pods; at most 20 unready nodes are named."""
    unready = [metadata.name(one) for one in nodes if condition(one, "Ready") != "True"]
    room = [Node(one).at("status", "allocatable") for one in nodes]
    return ClusterHealth(
        version=version,
        nodes=len(nodes),
        ready=len(nodes) - len(unready),
        cpu=sum(quantity(one["cpu"].text()) for one in room),
        memory_mb=int(sum(quantity(one["memory"].text()) for one in room) / 2**20),
        pods=int(sum(quantity(one["pods"].text()) for one in room)),
        unready=tuple(unready[:SHOWN]),
        capabilities=dict(capabilities),
    )


def in_use(known: ClusterHealth, metrics: Iterable[Object]) -> ClusterHealth:
    """With what NodeMetrics report.

    Source: https://kubernetes.io/docs/reference/external-api/metrics.v1beta1/
    """
    told = [(metadata.name(one), Node(one)["usage"]) for one in metrics]
    nodes = [NodeUse(name, _measured(use, "cpu"), int(_measured(use, "memory") / 2**20)) for name, use in told]
    return replace(
        known,
        used_cpu=sum(one.cpu for one in nodes),
        used_memory_mb=sum(one.memory_mb for one in nodes),
        busiest=tuple(sorted(nodes, key=lambda one: (-one.cpu, one.name))[:SHOWN]),
    )


def _measured(use: Node, resource: str) -> float:
    return max(quantity(use[resource].text()), 0.0)


def gone(names: Iterable[str], nodes: Iterable[Object]) -> tuple[str, ...]:
    """The names of nodes that no longer exist, as text."""
    have = {metadata.name(one) for one in nodes}
    return tuple(f"Node {name} is gone" for name in names if name not in have)


GROUPS = {
    "gateway.networking.k8s.io": "gateway-api",
    "metrics.k8s.io": "metrics",
    "snapshot.storage.k8s.io": "snapshots",
    "networking.istio.io": "istio",
    "linkerd.io": "linkerd",
    "cluster.x-k8s.io": "cluster-api",
    "constraints.gatekeeper.sh": "gatekeeper",
}
"""API groups by which installed software is recognised."""


def capabilities(groups: Mapping[str, str], ingress: Sequence[str], storage: Sequence[str]) -> dict[str, str]:
    """What a cluster can do: API group to its preferred version, names of ingress classes and storage classes."""
    found = {word: groups[group] for group, word in GROUPS.items() if group in groups}
    if ingress:
        found["ingress"] = ", ".join(ingress)
    if storage:
        found["storage"] = ", ".join(storage)
    return found
