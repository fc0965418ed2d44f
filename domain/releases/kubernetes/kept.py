"""Which labels and annotations of a source reach the objects of a release."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TypeVar

from domain.core.documents import Node
from domain.releases.kubernetes.allowed import Allowed

_T = TypeVar("_T")
OURS = "sluiceway.dev"
OF_DELIVERY = (
    "argocd.argoproj.io", "fluxcd.io", "helm.sh", "kubectl.kubernetes.io", "deployment.kubernetes.io",
    "config.kubernetes.io",
)  # fmt: skip
"""Of tools that would take the object for theirs: what a release owns, no other tool compares or prunes."""
BESIDE_OTHERS = {"argocd.argoproj.io/compare-options": "IgnoreExtraneous"}
"""On every object of a release: an Application that takes it for its own in spite of that is not out of sync by it.

https://argo-cd.readthedocs.io/en/stable/user-guide/compare-options/
"""
_WORDS = ("app.kubernetes.io", "artifacthub.io", "checksum", "prometheus.io")
"""Prefixes of annotations that nothing acts on but a reader's eye, or a scrape of the pod itself."""
_INTO_A_MESH = {"sidecar.istio.io/inject": ("true",), "linkerd.io/inject": ("enabled", "ingress")}
ORDER = "something in the cluster may take it for an order: a webhook, a plugin of the network, a controller"

_OF_PODS = ("app.kubernetes.io/component", "app.kubernetes.io/part-of")
_OF_MESHES = ("istio.io", "linkerd.io")


def labels_of(one: Node) -> dict[str, str]:
    """The labels of an object that stay."""
    return _kept(one.at("metadata", "labels").strings())


def pod_labels(template: Node, allowed: Collection[str]) -> dict[str, str]:
    """The labels of pods that stay: few, since a Service of somebody else may select by any other.

    It would send requests to a version that is not live yet, or take those of another service to it.
    """
    found = _kept(template.at("metadata", "labels").strings())
    known = (*_OF_PODS, *allowed)
    return {key: value for key, value in found.items() if key in known or is_below(key, _OF_MESHES)}


def annotations_of(one: Node) -> dict[str, str]:
    """The annotations that stay."""
    return _kept(one.at("metadata", "annotations").strings())


def orders(one: Node, allowed: Allowed) -> Iterator[str]:
    """Keys of an object's annotations that stay, and that more than a reader may act on.

    A sidecar's webhook mounts the node's files where an annotation says so, and a cloud gives rights by one.
    """
    for key, value in _kept(one.at("metadata", "annotations").object()).items():
        plain = "/" not in key or is_below(key, _WORDS) or value in _INTO_A_MESH.get(key, ())
        if not plain and key not in allowed.annotations:
            yield key


def _kept(told: Mapping[str, _T]) -> dict[str, _T]:
    return {key: value for key, value in told.items() if not is_below(key, (OURS, *OF_DELIVERY))}


def is_below(key: str, domains: tuple[str, ...]) -> bool:
    """Whether the prefix of a key is one of these domains, or below it."""
    prefix = key.partition("/")[0] if "/" in key else ""
    return any(prefix == one or prefix.endswith(f".{one}") for one in domains)
