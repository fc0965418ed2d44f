"""Rows of nodes and namespaces."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from domain.inventory.cluster_shapes import ClusterNode, Namespace, NodeState
from domain.inventory.details import MOST_ITEMS, NamespaceDetails, NodeDetails, Taint
from domain.inventory.model import Health, ObjectRow
from domain.inventory.scene import Scene, ending_since, is_ours, row, why_ending
from domain.inventory.shapes import Condition
from domain.inventory.texts import (
    amount,
    clean,
    condition,
    conditions,
    cores_m,
    labels,
    mebibytes,
    moment,
    number,
    word,
)
from domain.inventory.workloads import Seen

PRESSURES = ("MemoryPressure", "DiskPressure", "PIDPressure", "NetworkUnavailable")
ROLE = "node-role.kubernetes.io/"
ZONE, INSTANCE = "topology.kubernetes.io/zone", "node.kubernetes.io/instance-type"
LEVEL = "pod-security.kubernetes.io/enforce"
LEVELS = frozenset(("privileged", "baseline", "restricted"))


def node_row(one: ClusterNode, scene: Scene) -> ObjectRow:
    """Node: what is allocatable is in the row."""
    health, status, reason = _seen(one)
    room = one.status.allocatable or {}
    return row(
        scene,
        "Node",
        one.metadata,
        health,
        status,
        _details(one),
        reason=reason,
        since=_since(one.status.conditions),
        version=clean(one.status.node_info.kubelet_version),
        cpu_m=cores_m(room.get("cpu")),
        memory_mb=mebibytes(room.get("memory")),
    )


def is_lost(one: ClusterNode) -> bool:
    """Whether its kubelet is not heard of: nobody knows how its pods are."""
    return condition(one.status.conditions, "Ready").status not in ("True", "False")


def _seen(one: ClusterNode) -> Seen:
    """Status as kubectl has it, `Ready,SchedulingDisabled`; of a node under pressure the pressure, `DiskPressure`."""
    ready = condition(one.status.conditions, "Ready")
    closed = ",SchedulingDisabled" if one.spec.unschedulable else ""
    if is_lost(one):
        return Health.UNKNOWN, f"Unknown{closed}", ready.message or "its kubelet is not heard of"
    if ready.status == "False":
        return Health.DEGRADED, f"NotReady{closed}", ready.message or ready.reason or "it is not ready"
    if pressed := _pressures(one.status):
        said = condition(one.status.conditions, pressed[0]).message
        return Health.DEGRADED, f"{pressed[0]}{closed}", f"{', '.join(pressed)}{f': {said}' if said else ''}"
    if closed:
        return Health.SUSPENDED, f"Ready{closed}", "it takes no new pods"
    return Health.HEALTHY, "Ready", ""


def _pressures(said: NodeState) -> list[str]:
    return [kind for kind in PRESSURES if condition(said.conditions, kind).status == "True"]


def _since(found: Sequence[Condition] | None) -> float:
    pressed = [one for kind in PRESSURES if (one := condition(found, kind)).status == "True"]
    ready = condition(found, "Ready")
    return moment((pressed[0] if pressed and ready.status == "True" else ready).last_transition_time)


def _details(one: ClusterNode) -> dict[str, object]:
    said, has, info = one.status, one.status.capacity or {}, one.status.node_info
    labelled = one.metadata.labels or {}
    taints: list[Taint] = [
        {"key": clean(each.key), "value": clean(each.value), "effect": clean(each.effect, 40)}
        for each in islice(one.spec.taints or (), MOST_ITEMS)
    ]
    found: NodeDetails = {
        "roles": sorted(clean(key.removeprefix(ROLE)) for key in labelled if key.startswith(ROLE))[:MOST_ITEMS],
        "taints": taints,
        "pressure": _pressures(said),
        "unschedulable": one.spec.unschedulable,
        "capacity_cpu_m": cores_m(has.get("cpu")),
        "capacity_memory_mb": mebibytes(has.get("memory")),
        "pods": number(amount((said.allocatable or {}).get("pods"))),
        "version": clean(info.kubelet_version),
        "runtime": clean(info.container_runtime_version),
        "os": clean(info.os_image),
        "kernel": clean(info.kernel_version),
        "architecture": clean(info.architecture),
        "addresses": [clean(f"{a.type} {a.address}") for a in islice(said.addresses or (), MOST_ITEMS)],
        "zone": clean(labelled.get(ZONE)),
        "instance": clean(labelled.get(INSTANCE)),
        "labels": labels(labelled),
        "conditions": conditions(said.conditions),
    }
    return {**found}


def namespace_row(one: Namespace, scene: Scene) -> ObjectRow:
    """Namespace: while it ends, with what holds it up."""
    labelled, ending = one.metadata.labels or {}, ending_since(one.metadata)
    level = labelled.get(LEVEL, "")
    details: NamespaceDetails = {
        "labels": labels(labelled),
        "security": word(level, LEVELS) if level else "",
        "ours": is_ours(one.metadata),
        "conditions": conditions(one.status.conditions),
    }
    health, status, reason = _ending(one) if ending else (Health.HEALTHY, "Active", "")
    return row(scene, "Namespace", one.metadata, health, status, {**details}, reason=reason, since=ending)


def _ending(one: Namespace) -> Seen:
    held = [each for each in one.status.conditions or () if each.status == "True" and each.message]
    failing = [each for each in held if each.type.endswith("Failure")]
    said = "; ".join(each.message or "" for each in failing or held)
    health = Health.DEGRADED if failing else Health.PROGRESSING
    return health, "Terminating", said or why_ending(one.metadata)
