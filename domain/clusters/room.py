"""How much of each node the pods on it have requested.

Source: https://kubernetes.io/docs/concepts/scheduling-eviction/kube-scheduler/ filters nodes by these sums.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from domain.clusters import metadata
from domain.clusters.health import SHOWN, ClusterHealth, NodeRoom, quantity
from domain.core.documents import Node, Object

_OVER = ("Succeeded", "Failed")


def requested(pod: Object, resource: str) -> float:
    """What a pod counts for on its node, in cores or bytes.

    Init containers run one after the other before its containers, and those that restart always run beside them all.
    Source: https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#resource-sharing-within-containers
    """
    spec = Node(pod)["spec"]
    beside = peak = 0.0
    for one in spec["initContainers"]:
        amount = _amount(one, resource)
        if one["restartPolicy"].text() == "Always":
            beside += amount
            amount = 0.0
        peak = max(peak, beside + amount)
    together = max(peak, beside + sum(_amount(one, resource) for one in spec["containers"]))
    of_pod = _amount(spec, resource)  # spec.resources counts for all of its containers
    return (of_pod or together) + _positive(spec.at("overhead", resource))


def _amount(one: Node, resource: str) -> float:
    return _positive(one.at("resources", "requests", resource))


def _positive(amount: Node) -> float:
    return max(quantity(amount.text()), 0.0) if amount else 0.0


def with_rooms(known: ClusterHealth, nodes: Iterable[Object], pods: Iterable[Object]) -> ClusterHealth:
    """With what is left of its nodes, as pods request it."""
    on: dict[str, list[Object]] = {}
    for pod in pods:
        said = Node(pod)
        if (name := said.at("spec", "nodeName").text()) and said.at("status", "phase").text() not in _OVER:
            on.setdefault(name, []).append(pod)
    rooms = [_room(one, on.get(metadata.name(one), [])) for one in nodes]
    fullest = sorted(rooms, key=lambda one: (-_full(one), one.name))
    return replace(known, room=_all(rooms), rooms=tuple(fullest[:SHOWN]))


def _room(node: Object, pods: Sequence[Object]) -> NodeRoom:
    free = Node(node).at("status", "allocatable")
    return NodeRoom(
        name=metadata.name(node),
        cpu=_positive(free["cpu"]),
        memory_mb=int(_positive(free["memory"]) / 2**20),
        pods=int(_positive(free["pods"])),
        asked_cpu=round(sum(requested(one, "cpu") for one in pods), 3),
        asked_memory_mb=int(sum(requested(one, "memory") for one in pods) / 2**20),
        running=len(pods),
    )


def _full(one: NodeRoom) -> float:
    """The scarcest of its resources, as the part of it that is taken."""
    pairs = ((one.asked_cpu, one.cpu), (one.asked_memory_mb, one.memory_mb), (one.running, one.pods))
    return max(asked / most if most else 0.0 for asked, most in pairs)


def _all(rooms: Sequence[NodeRoom]) -> NodeRoom:
    return NodeRoom(
        cpu=sum(one.cpu for one in rooms),
        memory_mb=sum(one.memory_mb for one in rooms),
        pods=sum(one.pods for one in rooms),
        asked_cpu=round(sum(one.asked_cpu for one in rooms), 3),
        asked_memory_mb=sum(one.asked_memory_mb for one in rooms),
        running=sum(one.running for one in rooms),
    )
