"""Which labels and annotations of a source reach the objects of a release."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from domain.core.documents import Node

OURS = "sluiceway.dev"
_OF_DELIVERY = ("argocd.argoproj.io", "fluxcd.io", "helm.sh", "kubectl.kubernetes.io", "deployment.kubernetes.io")
"""Of tools that would take the object for theirs: what a release owns, no other tool compares or prunes."""


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


def _kept(told: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in told.items() if not is_below(key, (OURS, *_OF_DELIVERY))}


def is_below(key: str, domains: tuple[str, ...]) -> bool:
    """Whether the prefix of a key is one of these domains, or below it."""
    prefix = key.partition("/")[0] if "/" in key else ""
    return any(prefix == one or prefix.endswith(f".{one}") for one in domains)
