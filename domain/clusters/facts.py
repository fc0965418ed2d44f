"""What a cluster has that decides what releases can do in it, as it was read once; and as a file of a repository.

A file is a stranger's: what it says can warn somebody early, and never allows anything.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from domain.clusters import metadata
from domain.core.documents import Manifest, Node, Object

KIND = "ClusterFacts"
FILE = "cluster.facts.yaml"
"""Where linting looks for them, in a repository."""
MOST_CLASSES, MOST_FEATURES, MOST_CHARACTERS = 50, 300, 253
MESHES = {"networking.istio.io": "istio", "linkerd.io": "linkerd", "policy.linkerd.io": "linkerd"}
"""API groups by which a mesh, or a gateway of its kind, is recognised."""
METRICS = "metrics.k8s.io"


@dataclass(frozen=True, kw_only=True)
class GatewayClass:
    """A GatewayClass, and what its controller says of it.

    Source: https://gateway-api.sigs.k8s.io/reference/spec/#gatewayclass
    """

    name: str
    controller: str = ""
    features: frozenset[str] = frozenset()
    """`status.supportedFeatures`."""


@dataclass(frozen=True, kw_only=True)
class ClusterFacts:
    """Of one cluster."""

    cluster: str
    read_at: str = ""
    """ISO 8601, UTC."""
    version: str = ""
    """Of Kubernetes."""
    classes: tuple[GatewayClass, ...] = ()
    meshes: tuple[str, ...] = ()
    metrics: bool = False
    """Whether it serves metrics.k8s.io, which autoscalers need."""


def observed(
    cluster: str, read_at: str, version: str, groups: Iterable[str], classes: Iterable[Object]
) -> ClusterFacts:
    """From what an API server says. `groups`: of its API. `classes`: its GatewayClasses."""
    known = set(groups)
    return ClusterFacts(
        cluster=cluster,
        read_at=read_at,
        version=version,
        classes=tuple(_class_of(one) for one in classes)[:MOST_CLASSES],
        meshes=tuple(sorted({MESHES[one] for one in known if one in MESHES})),
        metrics=METRICS in known,
    )


def _class_of(one: Object) -> GatewayClass:
    said = Node(one)
    features = [each["name"].text() for each in said.at("status", "supportedFeatures")][:MOST_FEATURES]
    return GatewayClass(
        name=metadata.name(one),
        controller=said.at("spec", "controllerName").text(),
        features=frozenset(features) - {""},
    )


def document(facts: ClusterFacts) -> Manifest:
    """As a file has it."""
    classes = [
        {"name": one.name, "controller": one.controller, "features": sorted(one.features)} for one in facts.classes
    ]
    return {
        "apiVersion": "sluiceway/v1",
        "kind": KIND,
        "cluster": facts.cluster,
        "read-at": facts.read_at,
        "version": facts.version,
        "gateway-classes": classes,
        "meshes": list(facts.meshes),
        "metrics": facts.metrics,
    }


def facts_of(body: Object) -> ClusterFacts | None:
    """What a file says, within bounds; None: it holds no facts of a cluster."""
    said = Node(body)
    cluster = said["cluster"].text()[:MOST_CHARACTERS]
    if said["kind"].text() != KIND or not cluster:
        return None
    classes = [
        GatewayClass(
            name=one["name"].text()[:MOST_CHARACTERS],
            controller=one["controller"].text()[:MOST_CHARACTERS],
            features=frozenset(text[:MOST_CHARACTERS] for text in one["features"].texts()[:MOST_FEATURES]),
        )
        for one, _ in zip(said["gateway-classes"], range(MOST_CLASSES), strict=False)
    ]
    return ClusterFacts(
        cluster=cluster,
        read_at=said["read-at"].text()[:40],
        version=said["version"].text()[:40],
        classes=tuple(classes),
        meshes=tuple(one for one in sorted(set(MESHES.values())) if one in said["meshes"].texts()),
        metrics=said["metrics"].value is True,
    )
