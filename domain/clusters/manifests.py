"""Manifests of the Kubernetes objects of a cluster, as plain mappings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from domain.clusters.health import quantity
from domain.clusters.metadata import marked
from domain.clusters.plan import DENIES, allowed_state, node_state, priority_state, quota_state, scaling_state
from domain.clusters.spec import NodePool, Priority, Quota, Scaling, reachable
from domain.core import addresses
from domain.core.addresses import METADATA
from domain.core.documents import Manifest
from domain.core.values import Json

OURS = {"app.kubernetes.io/managed-by": "sluiceway"}
STATE = "sluiceway.dev/state"
"""Annotation: the part of the spec that the object was made from; `plan` compares it."""
POOL = "sluiceway.dev/pool"
NAME_LABEL = "kubernetes.io/metadata.name"
ZONE = "topology.kubernetes.io/zone"
TENANT = "tenant"
"""The name of a tenant's own objects in its namespace."""
DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"


def node(pool: NodePool, name: str, zone: str) -> Manifest:
    """Labels, taints and annotations of a node; its kubelet reports the capacity."""
    labels = {**OURS, **pool.labels, POOL: pool.name, "kubernetes.io/hostname": name, **({ZONE: zone} if zone else {})}
    taints = [{"key": one.key, "value": one.value, "effect": one.effect} for one in pool.taints]
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": labels, "annotations": {STATE: node_state(pool, zone)}},
        "spec": {"taints": taints} if taints else {},
    }


def simulated(pool: NodePool, name: str, zone: str) -> Manifest:
    """A node simulated by kwok, with the capacity of its pool."""
    labels = {"kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64", "type": "kwok"}
    made = marked(node(pool, name, zone), labels=labels, annotations={"kwok.x-k8s.io/node": "fake"})
    room = {"cpu": f"{pool.cpu:g}", "memory": f"{pool.memory_mb}Mi", "pods": str(pool.pods)}
    return {**made, "status": {"capacity": room, "allocatable": room}}


def storage_class(name: str, provisioner: str) -> Manifest:
    """The default StorageClass: binds at first use, allows expansion, deletes the volume with its claim."""
    return {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": name, "labels": OURS, "annotations": {DEFAULT_CLASS: "true", STATE: ""}},
        "provisioner": provisioner,
        "reclaimPolicy": "Delete",
        "volumeBindingMode": "WaitForFirstConsumer",
        "allowVolumeExpansion": True,
    }


def tenant(quota: Quota, isolated: bool, gateway: str = "") -> list[Manifest]:
    """A namespace with its quota, default requests for pods and, when isolated, a default-deny policy.

    `gateway`: the address that a gateway outside of the cluster comes from; empty: there is none.
    """
    name = quota.namespace
    labels = {**OURS, "pod-security.kubernetes.io/enforce": "restricted"}
    made: list[Manifest] = [
        {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {"name": name, "labels": labels, "annotations": {STATE: quota_state(quota)}},
        }
    ]
    hard = _hard(quota)
    if hard:
        made.append(_inside(name, "v1", "ResourceQuota", TENANT, {"hard": hard}))
    if limits := _defaults(quota, with_requests=bool(hard)):
        made.append(_inside(name, "v1", "LimitRange", TENANT, {"limits": [limits]}))
    if isolated:
        made += [default_deny(name), allowed(quota, gateway)]
    return made


def priority(one: Priority) -> Manifest:
    """Source: https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/#priorityclass"""
    return {
        "apiVersion": "scheduling.k8s.io/v1",
        "kind": "PriorityClass",
        "metadata": {"name": one.name, "labels": OURS, "annotations": {STATE: priority_state(one)}},
        "value": one.value,
        "preemptionPolicy": "PreemptLowerPriority" if one.preempts else "Never",
    }


def scaling(one: Scaling) -> Manifest:
    """A HorizontalPodAutoscaler. Source: https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/"""
    kind, _, name = one.workload.rpartition("/")
    target: Manifest = {"type": "Utilization", "averageUtilization": one.cpu}
    spec: Manifest = {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": kind or "Deployment", "name": name},
        "minReplicas": one.least,
        "maxReplicas": one.most,
        "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": target}}],
    }
    made = _inside(one.namespace, "autoscaling/v2", "HorizontalPodAutoscaler", name, spec)
    return marked(made, annotations={STATE: scaling_state(one)})


def _hard(quota: Quota) -> dict[str, str]:
    """Quota names as in https://kubernetes.io/docs/concepts/policy/resource-quotas/"""
    limits = {
        "requests.cpu": f"{quota.cpu:g}" if quota.cpu else "",
        "requests.memory": f"{quota.memory_mb}Mi" if quota.memory_mb else "",
        "pods": str(quota.pods or ""),
        "requests.storage": f"{quota.storage_gb}Gi" if quota.storage_gb else "",
        "persistentvolumeclaims": str(quota.claims or ""),
    }
    return {name: value for name, value in limits.items() if value}


def _defaults(quota: Quota, *, with_requests: bool) -> Manifest:
    """Small default requests: with a quota, pods without requests are refused. What one container may have at most.

    Source: https://kubernetes.io/docs/concepts/policy/limit-range/
    """
    most = {
        "cpu": f"{quota.container_cpu:g}" if quota.container_cpu else "",
        "memory": f"{quota.container_memory_mb}Mi" if quota.container_memory_mb else "",
    }
    most = {name: value for name, value in most.items() if value}
    # without a default limit a container that names none would be refused as soon as there is a maximum
    limits: Manifest = {"max": most, "default": dict(most)} if most else {}
    asked: Manifest = {"defaultRequest": _small(quota)} if with_requests or most else {}
    return {"type": "Container", **asked, **limits} if asked or limits else {}


def _small(quota: Quota) -> dict[str, str]:
    """Never above what a container may have."""
    cpu = min(100, round(quota.container_cpu * 1000)) if quota.container_cpu else 100
    memory = min(64, quota.container_memory_mb) if quota.container_memory_mb else 64
    return {"cpu": f"{cpu}m", "memory": f"{memory}Mi"}


def default_deny(namespace: str) -> Manifest:
    """Denies all traffic but DNS; other policies allow more.

    Source: https://kubernetes.io/docs/concepts/services-networking/network-policies/
    """
    spec: Manifest = {"podSelector": {}, "policyTypes": ["Ingress", "Egress"], "egress": [NAMES]}
    made = _inside(namespace, "networking.k8s.io/v1", "NetworkPolicy", "default-deny", spec)
    return marked(made, annotations={STATE: DENIES})


NAMES: Manifest = {"ports": [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}]}
"""Egress to DNS."""


def allowed(quota: Quota, gateway: str = "") -> Manifest:
    """Allows traffic within the namespace, with the named namespaces and addresses, and from the gateway."""
    near: Manifest = {"podSelector": {}}
    spaces = [{"namespaceSelector": {"matchLabels": {NAME_LABEL: one}}} for one in quota.allow_from]
    routers = [{"ipBlock": {"cidr": f"{gateway}/32"}}] if gateway else []
    spec: Manifest = {
        "podSelector": {},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [{"from": [near, *spaces, *routers]}],
        "egress": [{"to": [near]}, *(way_out(one) for one in quota.allow_to)],
    }
    made = _inside(quota.namespace, "networking.k8s.io/v1", "NetworkPolicy", "tenant", spec)
    return marked(made, annotations={STATE: allowed_state(quota, bool(gateway))})


def way_out(text: str, closed: Iterable[str] = METADATA) -> Manifest:
    """One egress rule of a NetworkPolicy, from `CIDR` or `CIDR:PORT` (TCP; without a port: all).

    `closed`: what a wider range does not open along with the rest.

    Raises:
        ValueError: the range or the port is invalid.
    """
    cidr, port = reachable(text)
    ports: Manifest = {"ports": [{"protocol": "TCP", "port": port}]} if port else {}
    holes = [one for one in sorted(closed) if one != cidr and addresses.covers(cidr, one)]
    block: Manifest = {"cidr": cidr, "except": holes} if holes else {"cidr": cidr}
    return {"to": [{"ipBlock": block}], **ports}


def differs(wanted: Json, found: Json) -> bool:
    """Whether an applied object was changed. Fields that others have added do not count."""
    if isinstance(wanted, Mapping):
        return not isinstance(found, Mapping) or any(differs(value, found.get(key)) for key, value in wanted.items())
    if isinstance(wanted, list | tuple):
        if not isinstance(found, list | tuple) or len(found) != len(wanted):
            return True
        return any(differs(one, other) for one, other in zip(wanted, found, strict=True))
    if isinstance(wanted, str) and isinstance(found, str) and wanted != found:
        return quantity(wanted) != quantity(found) or not quantity(wanted)  # 1000m equals 1
    return bool(wanted != found)


def _inside(namespace: str, version: str, kind: str, name: str, spec: Manifest) -> Manifest:
    meta: Manifest = {"name": name, "namespace": namespace, "labels": OURS}
    return {"apiVersion": version, "kind": kind, "metadata": meta, "spec": spec}
