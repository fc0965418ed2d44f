"""What every provider does through the cluster's API: storage, add-ons, tenants, health."""

from __future__ import annotations

import contextlib
from collections.abc import Container, Iterable, Iterator
from dataclasses import replace

from activities.clusters import add_ons, other_namespaces
from activities.clusters.pods_of import every
from activities.kubernetes.client import Kube
from domain.clusters import health, manifests, metadata, plan
from domain.clusters.add_ons import LABEL
from domain.clusters.beside import gateway as gateways
from domain.clusters.beside import image_registry
from domain.clusters.health import ClusterHealth
from domain.clusters.parts import LABEL as PART
from domain.clusters.parts import Role, machine_address
from domain.clusters.plan import Item, Phase, node_state
from domain.clusters.room import with_rooms
from domain.clusters.spec import ClusterSpec, node_names
from domain.core.documents import Node, Object
from domain.core.errors import SluicewayError

PROVISIONERS = {
    "local-path": "rancher.io/local-path",
    "longhorn": "driver.longhorn.io",
    "ceph": "rbd.csi.ceph.com",
    "glusterfs": "kubernetes.io/glusterfs",
}
STORE, NODE = "storage.k8s.io/v1", "Node"
PRIORITY = "PriorityClass"
POLICIES = {"NetworkPolicy": "network-policy", "HorizontalPodAutoscaler": "autoscaler", PRIORITY: "priority-class"}
"""Objects of tenants, by their names in a plan."""
LIMITS = ("ResourceQuota", "LimitRange")
VERSIONS = {
    **dict.fromkeys(LIMITS, "v1"),
    "Namespace": "v1",
    "StorageClass": STORE,
    "NetworkPolicy": "networking.k8s.io/v1",
    "HorizontalPodAutoscaler": "autoscaling/v2",
    PRIORITY: "scheduling.k8s.io/v1",
}
DRIFT_SHOWN = 20
SHOWN = 5
"""Gateways of a cluster."""
METRICS = "metrics.k8s.io/v1beta1"
BUILT_IN = "bridge"
"""The network plugin without pods."""


def blocker(spec: ClusterSpec) -> str:
    """Why its add-ons cannot be read or rendered; empty: they can."""
    try:
        for name in (*_added(Phase.NETWORK_PLUGIN, spec), *_added(Phase.ADD_ONS, spec)):
            add_ons.parts(spec, name)
    except SluicewayError as broken:
        return f"{broken.what}: {broken.why}" if broken.why else f"{broken.what} in {broken.where}: {broken.fix}"
    return ""


def _added(phase: Phase, spec: ClusterSpec) -> tuple[str, ...]:
    if phase is Phase.NETWORK_PLUGIN and spec.network.plugin != BUILT_IN:
        return (spec.network.plugin,)
    return spec.add_ons if phase is Phase.ADD_ONS else ()


def _unwanted(kube: Kube, phase: Phase, spec: ClusterSpec) -> list[str]:
    """Installed add-ons that the spec does not name."""
    if phase is not Phase.ADD_ONS:
        return []
    return [name for name in add_ons.names(kube) if name not in (*spec.add_ons, spec.network.plugin)]


def apply(kube: Kube, phase: Phase, spec: ClusterSpec) -> None:
    """Applies the manifests and add-ons of a phase, and deletes our surplus objects."""
    for name in _added(phase, spec):
        add_ons.put(kube, spec, name)
    for name in _unwanted(kube, phase, spec):
        add_ons.remove(kube, name)
    for manifest in wanted(phase, spec):
        _make_way(kube, manifest)
        kube.apply(manifest)
    for one in _surplus(kube, phase, spec):
        kind = Node(one)["kind"].text()
        kube.delete(VERSIONS[kind], kind, metadata.name(one), metadata.namespace(one))
    if phase is Phase.TENANTS:
        other_namespaces.apply(kube, spec)


def _make_way(kube: Kube, manifest: Object) -> None:
    """A PriorityClass is immutable: one of another value is made again. Pods keep the value that they got.

    Raises:
        SluicewayError: SLW948, somebody else has made one of this name.
    """
    if Node(manifest)["kind"].text() != PRIORITY:
        return
    name = metadata.name(manifest)
    there = kube.get(VERSIONS[PRIORITY], PRIORITY, name)
    if there is None:
        return
    if not manifests.OURS.items() <= metadata.labels(there).items():
        raise SluicewayError("SLW948", f"PriorityClass {name} is somebody else's", fix="name another one")
    fixed = {key: manifest[key] for key in ("value", "preemptionPolicy")}
    if manifests.differs(fixed, there):
        kube.delete(VERSIONS[PRIORITY], PRIORITY, name)


def wanted(phase: Phase, spec: ClusterSpec) -> Iterator[Object]:
    """The objects of a phase that the definition itself defines."""
    if phase is Phase.STORAGE and spec.storage:
        yield manifests.storage_class(spec.storage, PROVISIONERS[spec.storage])
    if phase is Phase.TENANTS:
        gateway = machine_address(spec.network.nodes) if Role.GATEWAY in spec.parts else ""
        yield from map(manifests.priority, spec.priorities)
        for quota in spec.quotas:
            yield from manifests.tenant(quota, spec.network.isolated, gateway)
        for one in spec.scaling:
            yield manifests.scaling(one)


def drift(kube: Kube, spec: ClusterSpec) -> tuple[str, ...]:
    """Applied objects that were changed or deleted since: by kind and name."""
    found = []
    for phase in (Phase.STORAGE, Phase.TENANTS):
        for manifest in wanted(phase, spec):
            version, kind = Node(manifest)["apiVersion"].text(), Node(manifest)["kind"].text()
            space, name = metadata.namespace(manifest), metadata.name(manifest)
            there = kube.get(version, kind, name, space)
            if there is None or manifests.differs(manifest, there):
                where = f"{kind} {space + '/' if space else ''}{name}"
                found.append(f"{where} {'is gone' if there is None else 'was changed'}")
    return (*found, *other_namespaces.drift(kube, spec))


def _surplus(kube: Kube, phase: Phase, spec: ClusterSpec) -> Iterator[Object]:
    """Our objects of the phase that the spec no longer names."""
    if phase not in (Phase.TENANTS, Phase.STORAGE):
        return
    kind = "Namespace" if phase is Phase.TENANTS else "StorageClass"
    names = {quota.namespace for quota in spec.quotas} if phase is Phase.TENANTS else {spec.storage}
    for one in kube.items(VERSIONS[kind], kind, labels=_ours()):
        if metadata.name(one) not in names:
            yield {**one, "kind": kind}
    planned = {(item.kind, item.name) for item in plan.items(spec)}
    for policy, word in POLICIES.items() if phase is Phase.TENANTS else ():
        for one in _stated(kube, policy):
            if (word, _planned_as(one)) not in planned:
                yield {**one, "kind": policy}
    yield from _limits_taken_back(kube, phase, spec, names)


def _limits_taken_back(kube: Kube, phase: Phase, spec: ClusterSpec, names: Container[str]) -> Iterator[Object]:
    """Our quotas and limits in namespaces that stay, where the spec says none any more."""
    if phase is not Phase.TENANTS:
        return
    wished = {(Node(one)["kind"].text(), metadata.namespace(one)) for one in wanted(phase, spec)}
    for kind in LIMITS:
        for one in kube.items(VERSIONS[kind], kind, labels=_ours()):
            where = metadata.namespace(one)
            if metadata.name(one) == manifests.TENANT and where in names and (kind, where) not in wished:
                yield {**one, "kind": kind}


def _ours() -> str:
    """Selects objects made from the definition itself. Objects of add-ons and parts are not among them."""
    return ",".join([*(f"{key}={value}" for key, value in manifests.OURS.items()), f"!{LABEL}", f"!{PART}"])


def missing(kube: Kube, phase: Phase, spec: ClusterSpec) -> str:
    """What a phase still waits for; empty: it is complete."""
    if phase in (Phase.NODES, Phase.VERIFICATION):
        return _nodes(kube, spec) or (usable(kube, spec) if phase is Phase.VERIFICATION else "")
    if phase is Phase.CONTROL_PLANE:
        return kube.ready()
    if phase is Phase.TENANTS:
        gone = [f"{Node(one)['kind'].text()} {metadata.name(one)}" for one in _surplus(kube, phase, spec)]
        return f"{', '.join(gone)}: not gone yet" if gone else ""
    if phase is Phase.ADD_ONS:
        left = _unwanted(kube, phase, spec)
        return f"{', '.join(left)}: not gone yet" if left else add_ons.unready(kube)
    return ""


def _nodes(kube: Kube, spec: ClusterSpec) -> str:
    have = {metadata.name(one): one for one in kube.items("v1", NODE)}
    names = [name for _, name, _ in node_names(spec)]
    unready = [name for name in names if name not in have or health.condition(have[name], "Ready") != "True"]
    if unready:
        return f"{len(unready)} of {len(names)} nodes are not ready: {', '.join(unready[:3])}"
    return ""


def usable(kube: Kube, spec: ClusterSpec) -> str:
    """A namespace accepts pods only once a controller has created its service account."""
    have = {metadata.namespace(one) for one in kube.items("v1", "ServiceAccount")}
    lacking = [name for name in ("default", *(quota.namespace for quota in spec.quotas)) if name not in have]
    return f"namespace {lacking[0]} has no service account yet" if lacking else kube.ready()


def undo(kube: Kube, phase: Phase) -> None:
    """Deletes our objects of a phase."""
    if phase is Phase.TENANTS:
        other_namespaces.take_back(kube)
        for one in kube.items("v1", "Namespace", labels=_ours()):
            kube.delete("v1", "Namespace", metadata.name(one))
        for one in _stated(kube, PRIORITY):
            kube.delete(VERSIONS[PRIORITY], PRIORITY, metadata.name(one))
    if phase is Phase.STORAGE:
        for one in kube.items(STORE, "StorageClass", labels=_ours()):
            kube.delete(STORE, "StorageClass", metadata.name(one))


def existing(kube: Kube, spec: ClusterSpec) -> Iterator[Item]:
    """Sorted by phase."""
    order = {name: index for index, (_, name, _) in enumerate(node_names(spec))}
    nodes = kube.items("v1", NODE, labels=_ours())
    for one in sorted(nodes, key=lambda node: order.get(metadata.name(node), len(order))):
        yield Item(Phase.NODES, "node", metadata.name(one), _state(one), replaced=True)
    for one in kube.items(STORE, "StorageClass", labels=_ours()):
        yield Item(Phase.STORAGE, "storage-class", metadata.name(one), _state(one))
    for name in add_ons.names(kube):
        if name != spec.network.plugin:
            yield Item(Phase.ADD_ONS, "add-on", name)
    for one in kube.items("v1", "Namespace", labels=_ours()):
        if not metadata.is_ending(one):
            yield Item(Phase.TENANTS, "namespace", metadata.name(one), _state(one))
    for kind, word in POLICIES.items():
        for one in _stated(kube, kind):
            name = _planned_as(one)
            yield Item(Phase.TENANTS, word, name, _state(one))
    yield from other_namespaces.existing(kube, spec)


def _stated(kube: Kube, kind: str) -> list[Object]:
    """Objects of the cluster's plan only: jobs have policies as well."""
    found = kube.items(VERSIONS[kind], kind, labels=_ours())
    return [one for one in found if manifests.STATE in metadata.annotations(one)]


def _planned_as(one: Object) -> str:
    """Of the cluster itself by its name alone."""
    return metadata.full_name(one).removeprefix("/")


def _state(one: Object) -> str:
    return metadata.annotations(one).get(manifests.STATE, "")


def look(kube: Kube, spec: ClusterSpec | None = None, names: Iterable[str] = ()) -> ClusterHealth:
    """Health of the cluster. `names`: expected nodes.

    Raises:
        SluicewayError: the API does not answer.
    """
    groups = {
        one["name"].text(): one.at("preferredVersion", "version").text() for one in kube.document("/apis")["groups"]
    }
    ingress = [metadata.name(one) for one in kube.items("networking.k8s.io/v1", "IngressClass")]
    storage = [metadata.name(one) for one in kube.items(STORE, "StorageClass")]
    found = {**health.capabilities(groups, ingress, storage), **_addresses(kube, gateways.GROUP in groups)}
    nodes = kube.items("v1", NODE)
    gone = health.gone(names, nodes)
    changed = drift(kube, spec) if spec else ()
    seen = replace(
        health.of_nodes(nodes, kube.version(), found),
        drift=(*gone, *changed)[:DRIFT_SHOWN],
        open=other_namespaces.found_open(kube, spec)[:DRIFT_SHOWN],
    )
    if (pods := every(kube)) is not None:
        seen = with_rooms(seen, nodes, pods)
    return health.in_use(seen, _metrics(kube)) if METRICS.partition("/")[0] in groups else seen


def _addresses(kube: Kube, has_gateways: bool) -> dict[str, str]:
    """What environments and images name: Gateways, the cluster's own registry. Nothing where they may not be read."""
    with contextlib.suppress(SluicewayError):
        found = kube.items(f"{gateways.GROUP}/v1", "Gateway") if has_gateways else []
        host = image_registry.host_of(kube.get("v1", "ConfigMap", image_registry.NAME, image_registry.NAMESPACE) or {})
        told = {"gateways": ", ".join(gateways.told(one) for one in found[:SHOWN]), "registry": host}
        return {word: value for word, value in told.items() if value}
    return {}


def _metrics(kube: Kube) -> list[Object]:
    """Nothing while the server behind the API is down: the cluster is healthy without it."""
    with contextlib.suppress(SluicewayError):
        return kube.items(METRICS, "NodeMetrics")
    return []


def surplus_nodes(kube: Kube, spec: ClusterSpec) -> list[str]:
    """Our nodes that the spec does not have, or has changed: they are deleted, and recreated if needed."""
    wanted_states = {name: node_state(pool, zone) for pool, name, zone in node_names(spec)}
    nodes = kube.items("v1", NODE, labels=_ours())
    return [metadata.name(one) for one in nodes if wanted_states.get(metadata.name(one)) != _state(one)]
