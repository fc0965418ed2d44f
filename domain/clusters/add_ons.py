"""Add-ons of a cluster: where their objects belong, and in which order they go in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from domain.clusters.manifests import OURS

LABEL = "sluiceway.dev/add-on"
NAMESPACES = {
    "calico": "kube-system",
    "cilium": "kube-system",
    "elk": "logging",
    "flannel": "kube-flannel",
    "gatekeeper": "gatekeeper-system",
    "grafana": "monitoring",
    "istio": "istio-system",
    "prometheus": "monitoring",
    "weave": "kube-system",
}
"""Where their makers put them."""
_FIRST = (
    *("Namespace", "CustomResourceDefinition", "PriorityClass", "RuntimeClass", "StorageClass", "ResourceQuota"),
    *("LimitRange", "NetworkPolicy", "ServiceAccount", "Secret", "ConfigMap", "PersistentVolume"),
    *("PersistentVolumeClaim", "ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding", "Service"),
)
_LAST = ("APIService", "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")
"""They have a say in what is applied after them."""
WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet")
KEPT = ("default", "kube-system", "kube-public", "kube-node-lease")
"""Namespaces that a cluster cannot be without."""
Object = Mapping[str, Any]


def namespace(name: str) -> str:
    """Of what a chart leaves open."""
    return NAMESPACES.get(name, name)


def in_order(objects: Iterable[Object]) -> list[Object]:
    """What others need first, what judges others last; otherwise as they came."""
    rank = {kind: number for number, kind in enumerate(_FIRST)}
    rank |= {kind: len(_FIRST) + 1 + number for number, kind in enumerate(_LAST)}
    return sorted(objects, key=lambda one: rank.get(str(one.get("kind")), len(_FIRST)))


def listed(document: Any) -> list[Any]:
    """The objects of a document: none, one, or those of a list."""
    if isinstance(document, dict) and document.get("kind") == "List" and isinstance(document.get("items"), list):
        return list(document["items"])
    return [] if document is None else [document]


def is_object(one: Any) -> bool:
    """Whether it can be one of Kubernetes: what files and charts hold is not trusted."""
    if not isinstance(one, dict) or not isinstance(one.get("metadata"), dict):
        return False
    words = (one.get("apiVersion"), one.get("kind"), one["metadata"].get("name"))
    labels = one["metadata"].get("labels")
    return all(isinstance(word, str) and word for word in words) and isinstance(labels, dict | None)


def labelled(name: str, one: Object) -> dict[str, Any]:
    """As a part of the add-on, and ours."""
    meta = dict(one["metadata"])
    return {**one, "metadata": {**meta, "labels": {**(meta.get("labels") or {}), **OURS, LABEL: name}}}


def removal_order(kinds: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """API versions and kinds: what has a say in others first, workloads, by which an add-on is known, last."""
    rank = dict.fromkeys(_LAST, 0) | {"CustomResourceDefinition": 1, "Namespace": 3} | dict.fromkeys(WORKLOADS, 4)
    return sorted(kinds, key=lambda one: rank.get(one[1], 2))


def stays(name: str, one: Object, inside: Iterable[Object]) -> bool:
    """Whether an object of an add-on is left when the add-on goes: others would lose what is theirs."""
    meta = one["metadata"]
    if one["kind"] == "Namespace" and meta["name"] in KEPT:
        return True
    return any(_is_others(name, other) for other in inside)


def _is_others(name: str, one: Object) -> bool:
    """What a workload of the add-on makes goes with it, so only what nobody controls is looked at."""
    meta = one["metadata"]
    controlled = any(owner.get("controller") for owner in meta.get("ownerReferences") or [])
    return not controlled and (meta.get("labels") or {}).get(LABEL) != name


def unready(kind: str, one: Object) -> str:
    """Why a workload is not ready, by the rules of `kubectl rollout status`; empty: it is."""
    status, spec = one.get("status") or {}, one["spec"]
    daemons = kind == "DaemonSet"
    want = status.get("desiredNumberScheduled", 0) if daemons else spec.get("replicas", 1)
    ready = status.get("numberReady" if daemons else "readyReplicas", 0)
    if status.get("observedGeneration", 0) < one["metadata"].get("generation", 0) or ready < want:
        return f"{kind} {one['metadata']['name']} has {ready} of {want} ready"
    return ""
