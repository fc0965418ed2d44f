"""Isolates namespaces of a cluster that its definition does not name, or tells of them."""

from __future__ import annotations

from activities.kubernetes.client import Kube
from domain.clusters import metadata
from domain.clusters.other_namespaces import API, DENIED, KIND, Others, denied, open_ones
from domain.clusters.plan import OTHERS_DENIED, Item
from domain.clusters.spec import ClusterSpec
from domain.core.documents import Object


def found_open(kube: Kube, spec: ClusterSpec | None) -> tuple[str, ...]:
    """By name; nothing where the definition's own are not isolated, or others are left alone."""
    if spec is None or not spec.network.isolated or spec.network.others == Others.LEAVE:
        return ()
    return open_ones(kube.items("v1", "Namespace"), kube.items(API, KIND))


def apply(kube: Kube, spec: ClusterSpec) -> None:
    """Isolates them; or takes back what was made for that, when they are not to be any more."""
    if _are_denied(spec):
        for name in found_open(kube, spec):
            kube.apply(denied(name))
    else:
        take_back(kube)


def take_back(kube: Kube) -> None:
    """Deletes the policies that were made for them."""
    for one in _made(kube):
        kube.delete(API, KIND, metadata.name(one), metadata.namespace(one))


def existing(kube: Kube, spec: ClusterSpec) -> tuple[Item, ...]:
    """What `plan` compares: nothing while one is still to be isolated."""
    done = not found_open(kube, spec) if _are_denied(spec) else bool(_made(kube))
    return (OTHERS_DENIED,) if done else ()


def drift(kube: Kube, spec: ClusterSpec) -> tuple[str, ...]:
    """Those that are to be isolated, and are not."""
    names = found_open(kube, spec) if _are_denied(spec) else ()
    return tuple(f"Namespace {name} is isolated by no policy" for name in names)


def _are_denied(spec: ClusterSpec) -> bool:
    return spec.network.isolated and spec.network.others == Others.DENY


def _made(kube: Kube) -> list[Object]:
    return kube.items(API, KIND, labels=",".join(f"{key}={value}" for key, value in DENIED.items()))
