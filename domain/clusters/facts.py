"""What a cluster has that decides what releases can do in it, as it was read once; and as a file of a repository.

A file is a stranger's: what it says can warn somebody early, and never allows anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from domain.clusters import metadata
from domain.clusters.policies import ENFORCE, LEVELS, Engine, engine
from domain.core.documents import Manifest, Node, Object
from domain.core.values import duration_text

KIND = "ClusterFacts"
FILE = "cluster.facts.yaml"
"""Where linting looks for them, in a repository."""
MOST_CLASSES, MOST_FEATURES, MOST_CHARACTERS = 20, 64, 253
"""A class tells 64 features at most, says its CRD."""
MOST_FEATURE = 64
"""Characters of a feature's name."""
MOST_ENGINES, MOST_NAMESPACES, MOST_GATEWAYS = 5, 100, 50
STALE_S = 3_600.0
"""Facts of a cluster that answers are read again long before."""
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
    features: tuple[str, ...] = ()
    """`status.supportedFeatures`, sorted."""


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
    policies: tuple[Engine, ...] = ()
    """Who can refuse what a release applies."""
    pod_security: Mapping[str, str] = field(default_factory=dict)
    """Namespace to the level that its label enforces, MOST_NAMESPACES at most."""
    network: str = ""
    """Who enforces network policies; empty: it cannot be seen."""
    gateways: Mapping[str, str] = field(default_factory=dict)
    """Gateways, as `NAMESPACE/NAME`, to their classes; MOST_GATEWAYS at most."""

    def of_gateway(self, gateway: str) -> tuple[GatewayClass, ...]:
        """The class of a Gateway; all classes, where it is not known."""
        named = tuple(one for one in self.classes if one.name == self.gateways.get(gateway))
        return named or self.classes


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What an API server says; what may not be read is empty."""

    version: str = ""
    groups: Iterable[str] = ()
    """Of its API."""
    classes: Iterable[Object] = ()
    """GatewayClasses."""
    gateways: Iterable[Object] = ()
    policies: Iterable[Engine] = ()
    namespaces: Iterable[Object] = ()
    network: str = ""


def observed(cluster: str, read_at: str, said: Answers) -> ClusterFacts:
    """From what an API server says, within bounds."""
    known = set(said.groups)
    levels = {metadata.name(one): metadata.labels(one).get(ENFORCE, "") for one in said.namespaces}
    return ClusterFacts(
        cluster=cluster,
        read_at=read_at,
        version=said.version[:40],
        classes=tuple(_class_of(one) for one in said.classes)[:MOST_CLASSES],
        meshes=tuple(sorted({MESHES[one] for one in known if one in MESHES})),
        metrics=METRICS in known,
        policies=tuple(said.policies)[:MOST_ENGINES],
        pod_security=_levels(levels),
        network=said.network[:MOST_CHARACTERS],
        gateways=_gateways(
            {metadata.full_name(one): Node(one).at("spec", "gatewayClassName").text() for one in said.gateways}
        ),
    )


def _class_of(one: Object) -> GatewayClass:
    said = Node(one)
    features = [each["name"].text() for each in said.at("status", "supportedFeatures")]
    return _bounded(metadata.name(one), said.at("spec", "controllerName").text(), features)


def _bounded(name: str, controller: str, features: Iterable[str]) -> GatewayClass:
    kept = sorted({one[:MOST_FEATURE] for one in features if one})[:MOST_FEATURES]
    return GatewayClass(name=name[:MOST_CHARACTERS], controller=controller[:MOST_CHARACTERS], features=tuple(kept))


def _levels(told: Mapping[str, str]) -> dict[str, str]:
    kept = sorted((name[:MOST_CHARACTERS], level) for name, level in told.items() if level in LEVELS)
    return dict(kept[:MOST_NAMESPACES])


def _gateways(told: Mapping[str, str]) -> dict[str, str]:
    kept = sorted((name[:MOST_CHARACTERS], of_class[:MOST_CHARACTERS]) for name, of_class in told.items())
    return dict(kept[:MOST_GATEWAYS])


def age(facts: ClusterFacts, now: float) -> str:
    """How old they are at a time (seconds since the epoch), as text that says so where they are stale."""
    if not (read := metadata.epoch(facts.read_at)):
        return "read once, nobody knows when"
    old_s = max(now - read, 0.0)
    return f"read {duration_text(old_s)} ago{', stale' if old_s > STALE_S else ''}"


def document(facts: ClusterFacts) -> Manifest:
    """As a file has it."""
    classes = [
        {"name": one.name, "controller": one.controller, "features": list(one.features)} for one in facts.classes
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
        "policies": {one.name: list(one.rules) for one in facts.policies},
        "pod-security": dict(facts.pod_security),
        "network-policies": facts.network,
        "gateways": dict(facts.gateways),
    }


def facts_of(body: Object) -> ClusterFacts | None:
    """What a file says, within bounds; None: it holds no facts of a cluster."""
    said = Node(body)
    cluster = said["cluster"].text()[:MOST_CHARACTERS]
    if said["kind"].text() != KIND or not cluster:
        return None
    classes = [
        _bounded(one["name"].text(), one["controller"].text(), one["features"].texts())
        for one, _ in zip(said["gateway-classes"], range(MOST_CLASSES), strict=False)
    ]
    engines = [engine(name[:MOST_CHARACTERS], rules.texts()) for name, rules in said["policies"].fields() if name]
    return ClusterFacts(
        cluster=cluster,
        read_at=said["read-at"].text()[:40],
        version=said["version"].text()[:40],
        classes=tuple(classes),
        meshes=tuple(one for one in sorted(set(MESHES.values())) if one in said["meshes"].texts()),
        metrics=said["metrics"].value is True,
        policies=tuple(engines[:MOST_ENGINES]),
        pod_security=_levels(said["pod-security"].strings()),
        network=said["network-policies"].text()[:MOST_CHARACTERS],
        gateways=_gateways(said["gateways"].strings()),
    )
