"""What every provider does alike, through the cluster's own API: storage, add-ons, tenants, and looking."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from activities.kube import Kube
from domain.cluster import health, manifests, plan
from domain.cluster.health import ClusterHealth
from domain.cluster.plan import Item, Phase, node_state
from domain.cluster.spec import ClusterSpec, node_names
from domain.errors import SluicewayError

PROVISIONERS = {
    "local-path": "rancher.io/local-path",
    "longhorn": "driver.longhorn.io",
    "ceph": "rbd.csi.ceph.com",
    "glusterfs": "kubernetes.io/glusterfs",
}
STORE, NODE = "storage.k8s.io/v1", "Node"
POLICIES = {"NetworkPolicy": "network-policy", "HorizontalPodAutoscaler": "autoscaler"}
"""What a tenant's namespace holds, by the words of the plan."""
VERSIONS = {
    "Namespace": "v1",
    "StorageClass": STORE,
    "NetworkPolicy": "networking.k8s.io/v1",
    "HorizontalPodAutoscaler": "autoscaling/v2",
}
BUILT_IN = "bridge"
"""The network plugin that needs no pods."""


def apply(kube: Kube, phase: Phase, spec: ClusterSpec) -> None:
    for manifest in wanted(phase, spec):
        kube.apply(manifest)
    for one in _surplus(kube, phase, spec):
        kube.delete(VERSIONS[one["kind"]], one["kind"], one["metadata"]["name"], one["metadata"].get("namespace", ""))


def wanted(phase: Phase, spec: ClusterSpec) -> Iterator[dict[str, Any]]:
    """The objects of a phase.

    Raises:
        SluicewayError: SLW946, an add-on's manifests are not there.
    """
    if phase is Phase.STORAGE and spec.storage:
        yield manifests.storage_class(spec.storage, PROVISIONERS[spec.storage])
    if phase is Phase.NETWORK_PLUGIN and spec.network.plugin != BUILT_IN:
        yield from add_on(spec, spec.network.plugin)
    if phase is Phase.ADD_ONS:
        for name in spec.add_ons:
            yield from add_on(spec, name)
    if phase is Phase.TENANTS:
        for quota in spec.quotas:
            yield from manifests.tenant(quota, spec.network.isolated)
        for one in spec.scaling:
            yield manifests.scaling(one)


def drift(kube: Kube, spec: ClusterSpec) -> tuple[str, ...]:
    """Objects that were applied and are otherwise now, or gone: by kind and name."""
    found = []
    for phase in (Phase.STORAGE, Phase.TENANTS):
        for manifest in wanted(phase, spec):
            meta = manifest["metadata"]
            space = meta.get("namespace", "")
            there = kube.get(manifest["apiVersion"], manifest["kind"], meta["name"], space)
            if there is None or manifests.differs(manifest, there):
                name = f"{manifest['kind']} {space + '/' if space else ''}{meta['name']}"
                found.append(f"{name} {'is gone' if there is None else 'was changed'}")
    return tuple(found[:20])


def add_on(spec: ClusterSpec, name: str) -> Iterator[dict[str, Any]]:
    """The manifests of an add-on: `NAME.yaml` in the folder that `connection.add-ons` names, labelled as ours."""
    path = Path(spec.connection.get("add-ons", "")) / f"{name}.yaml"
    try:
        documents = list(yaml.safe_load_all(path.read_text()))
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as broken:
        raise SluicewayError(
            "SLW946",
            f"the manifests of {name} cannot be read",
            where=str(path),
            why=str(broken)[:200],
            fix="put them there, and name the folder as connection.add-ons",
        ) from broken
    for one in documents:
        if isinstance(one, dict) and isinstance(one.get("metadata"), dict):
            labels = {**(one["metadata"].get("labels") or {}), **manifests.OURS, "sluiceway.dev/add-on": name}
            yield {**one, "metadata": {**one["metadata"], "labels": labels}}


def _surplus(kube: Kube, phase: Phase, spec: ClusterSpec) -> Iterator[dict[str, Any]]:
    """Ours of the phase's kinds that the spec no longer names."""
    if phase not in (Phase.TENANTS, Phase.STORAGE):
        return
    kind = "Namespace" if phase is Phase.TENANTS else "StorageClass"
    names = {quota.namespace for quota in spec.quotas} if phase is Phase.TENANTS else {spec.storage}
    for one in kube.items(VERSIONS[kind], kind, labels=_ours()):
        if one["metadata"]["name"] not in names:
            yield {**one, "kind": kind}
    planned = {(item.kind, item.name) for item in plan.items(spec)}
    for policy, word in POLICIES.items() if phase is Phase.TENANTS else ():
        for one in _stated(kube, policy):
            if (word, f"{one['metadata']['namespace']}/{one['metadata']['name']}") not in planned:
                yield {**one, "kind": policy}


def _ours() -> str:
    return ",".join(f"{key}={value}" for key, value in manifests.OURS.items())


def missing(kube: Kube, phase: Phase, spec: ClusterSpec) -> str:
    if phase in (Phase.NODES, Phase.VERIFICATION):
        return _nodes(kube, spec) or (usable(kube, spec) if phase is Phase.VERIFICATION else "")
    if phase is Phase.CONTROL_PLANE:
        return kube.ready()
    if phase is Phase.TENANTS:
        gone = [f"{one['kind']} {one['metadata']['name']}" for one in _surplus(kube, phase, spec)]
        return f"{', '.join(gone)}: not gone yet" if gone else ""
    if phase is Phase.ADD_ONS:
        return _unready_workloads(kube)
    return ""


def _nodes(kube: Kube, spec: ClusterSpec) -> str:
    have = {one["metadata"]["name"]: one for one in kube.items("v1", NODE)}
    names = [name for _, name, _ in node_names(spec)]
    unready = [name for name in names if name not in have or health.condition(have[name], "Ready") != "True"]
    if unready:
        return f"{len(unready)} of {len(names)} nodes are not ready: {', '.join(unready[:3])}"
    return ""


def usable(kube: Kube, spec: ClusterSpec) -> str:
    """A namespace takes no pods before its service account is there, which a controller makes a moment later."""
    have = {one["metadata"]["namespace"] for one in kube.items("v1", "ServiceAccount")}
    lacking = [name for name in ("default", *(quota.namespace for quota in spec.quotas)) if name not in have]
    return f"namespace {lacking[0]} has no service account yet" if lacking else kube.ready()


def _unready_workloads(kube: Kube) -> str:
    """By the rules of `kubectl rollout status`: what was observed is the newest, and all replicas are available."""
    for kind in ("Deployment", "StatefulSet"):
        for one in kube.items("apps/v1", kind, labels="sluiceway.dev/add-on"):
            status, want = one.get("status") or {}, one["spec"].get("replicas", 1)
            old = status.get("observedGeneration", 0) < one["metadata"].get("generation", 0)
            if old or status.get("readyReplicas", 0) < want:
                return f"{kind} {one['metadata']['name']} has {status.get('readyReplicas', 0)} of {want} ready"
    return ""


def undo(kube: Kube, phase: Phase) -> None:
    """Removes what is ours of a phase."""
    if phase is Phase.TENANTS:
        for one in kube.items("v1", "Namespace", labels=_ours()):
            kube.delete("v1", "Namespace", one["metadata"]["name"])
    if phase is Phase.STORAGE:
        for one in kube.items(STORE, "StorageClass", labels=_ours()):
            kube.delete(STORE, "StorageClass", one["metadata"]["name"])


def existing(kube: Kube, spec: ClusterSpec) -> Iterator[Item]:
    """In the order of phases."""
    order = {name: index for index, (_, name, _) in enumerate(node_names(spec))}
    nodes = kube.items("v1", NODE, labels=_ours())
    for one in sorted(nodes, key=lambda node: order.get(node["metadata"]["name"], len(order))):
        yield Item(Phase.NODES, "node", one["metadata"]["name"], _state(one), replaced=True)
    for one in kube.items(STORE, "StorageClass", labels=_ours()):
        yield Item(Phase.STORAGE, "storage-class", one["metadata"]["name"], _state(one))
    add_ons = {
        one["metadata"]["labels"]["sluiceway.dev/add-on"]
        for kind in ("Deployment", "StatefulSet", "DaemonSet")
        for one in kube.items("apps/v1", kind, labels="sluiceway.dev/add-on")
    }
    for name in sorted(add_ons):
        yield Item(Phase.ADD_ONS, "add-on", name)
    for one in kube.items("v1", "Namespace", labels=_ours()):
        if one["metadata"].get("deletionTimestamp") is None:
            yield Item(Phase.TENANTS, "namespace", one["metadata"]["name"], _state(one))
    for kind, word in POLICIES.items():
        for one in _stated(kube, kind):
            name = f"{one['metadata']['namespace']}/{one['metadata']['name']}"
            yield Item(Phase.TENANTS, word, name, _state(one))


def _stated(kube: Kube, kind: str) -> list[dict[str, Any]]:
    """Those of the cluster's own plan: jobs have policies as well."""
    found = kube.items(VERSIONS[kind], kind, labels=_ours())
    return [one for one in found if manifests.STATE in (one["metadata"].get("annotations") or {})]


def _state(object_: dict[str, Any]) -> str:
    return str((object_["metadata"].get("annotations") or {}).get(manifests.STATE, ""))


def look(kube: Kube, spec: ClusterSpec | None = None) -> ClusterHealth:
    """Raises SluicewayError when the API does not answer."""
    groups = {
        one["name"]: str(one["preferredVersion"]["version"]) for one in json.loads(kube.raw("/apis")).get("groups", [])
    }
    ingress = [one["metadata"]["name"] for one in kube.items("networking.k8s.io/v1", "IngressClass")]
    storage = [one["metadata"]["name"] for one in kube.items(STORE, "StorageClass")]
    found = health.capabilities(groups, ingress, storage)
    changed = drift(kube, spec) if spec else ()
    return replace(health.of_nodes(kube.items("v1", NODE), kube.version(), found), drift=changed)


def surplus_nodes(kube: Kube, spec: ClusterSpec) -> list[str]:
    """Names of our nodes that the spec does not have, or has otherwise: they go, and come again."""
    wanted_states = {name: node_state(pool, zone) for pool, name, zone in node_names(spec)}
    nodes = kube.items("v1", NODE, labels=_ours())
    return [one["metadata"]["name"] for one in nodes if wanted_states.get(one["metadata"]["name"]) != _state(one)]
