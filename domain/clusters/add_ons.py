"""Add-ons of a cluster: the namespace of their objects, and the order in which these are applied."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeGuard

from domain.clusters import metadata
from domain.clusters.manifests import OURS
from domain.core.documents import Manifest, Node, Object
from domain.core.values import Json

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
"""The upstream default namespaces."""
_FIRST = (
    *("Namespace", "CustomResourceDefinition", "PriorityClass", "RuntimeClass", "StorageClass", "ResourceQuota"),
    *("LimitRange", "NetworkPolicy", "ServiceAccount", "Secret", "ConfigMap", "PersistentVolume"),
    *("PersistentVolumeClaim", "ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding", "Service"),
)
_LAST = ("APIService", "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")
"""Kinds that validate or mutate what is applied after them."""
WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet")
KEPT = ("default", "kube-system", "kube-public", "kube-node-lease")
"""Namespaces that every cluster needs."""


def namespace(name: str) -> str:
    """The namespace for objects whose chart sets none."""
    return NAMESPACES.get(name, name)


def in_order(objects: Iterable[Object]) -> list[Object]:
    """Apply order: what others depend on first, webhooks and policies last; otherwise the given order."""
    rank = {kind: number for number, kind in enumerate(_FIRST)}
    rank |= {kind: len(_FIRST) + 1 + number for number, kind in enumerate(_LAST)}
    return sorted(objects, key=lambda one: rank.get(Node(one)["kind"].text(), len(_FIRST)))


def listed(document: Json) -> Sequence[Json]:
    """The objects of a document: none, one, or the items of a list."""
    items = Node(document)["items"].value
    if Node(document)["kind"].text() == "List" and isinstance(items, list):
        return items
    return [] if document is None else [document]


def is_object(one: Json) -> TypeGuard[Object]:
    """Whether a value looks like a Kubernetes object; files and charts are untrusted."""
    said = Node(one)
    words = (said["apiVersion"].value, said["kind"].value, said.at("metadata", "name").value)
    labels = said.at("metadata", "labels").value
    return all(isinstance(word, str) and word for word in words) and (labels is None or isinstance(labels, Mapping))


def labelled(name: str, one: Object) -> Manifest:
    """The object with the labels of the add-on and of its manager."""
    return metadata.marked(one, labels={**OURS, LABEL: name})


def removal_order(kinds: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """API versions and kinds in the order of removal: webhooks and policies first; workloads, which identify an add-on,
    last.
    """
    rank = dict.fromkeys(_LAST, 0) | {"CustomResourceDefinition": 1, "Namespace": 3} | dict.fromkeys(WORKLOADS, 4)
    return sorted(kinds, key=lambda one: rank.get(one[1], 2))


def stays(name: str, one: Object, inside: Iterable[Object], label: str = LABEL) -> bool:
    """Whether an object stays when its add-on is removed, because others depend on it. `label`: who an object is of."""
    if Node(one)["kind"].text() == "Namespace" and metadata.name(one) in KEPT:
        return True
    return any(_is_others(name, other, label) for other in inside)


def _is_others(name: str, one: Object, label: str) -> bool:
    """Whether it belongs to others. Objects with a controller are skipped: they go with their workload."""
    controlled = any(owner["controller"] for owner in metadata.owners(one))
    return not controlled and metadata.labels(one).get(label) != name


def unready(kind: str, one: Object) -> str:
    """Why a workload is not ready, by the rules of `kubectl rollout status`; empty when it is."""
    said, daemons = Node(one), kind == "DaemonSet"
    status = said["status"]
    want = status["desiredNumberScheduled"].whole() if daemons else said.at("spec", "replicas").whole(1)
    ready = status["numberReady" if daemons else "readyReplicas"].whole()
    if status["observedGeneration"].whole() < said.at("metadata", "generation").whole() or ready < want:
        return f"{kind} {metadata.name(one)} has {ready} of {want} ready"
    return ""
