"""A cluster as Cluster API objects: the desired topology, and what the conditions report.

Source: https://cluster-api.sigs.k8s.io/developer/core/controllers/topology and the types of v1beta1 and v1beta2
"""

from __future__ import annotations

from domain.clusters import metadata
from domain.clusters.manifests import OURS
from domain.clusters.spec import ClusterSpec
from domain.core.documents import Manifest, Node, Object

GROUP = "cluster.x-k8s.io"
VERSIONS = ("v1beta2", "v1beta1")
"""Newest first."""
NAME_LABEL = f"{GROUP}/cluster-name"


def namespace(spec: ClusterSpec) -> str:
    """The management cluster's namespace for the objects: `connection.namespace`, else `default`."""
    return spec.connection.get("namespace", "default")


def cluster(spec: ClusterSpec, version: str) -> Manifest:
    """The Cluster API object `Cluster` with a topology, for one API version (such as v1beta1)."""
    body: Manifest = {
        "clusterNetwork": {
            "pods": {"cidrBlocks": [spec.network.pods]},
            "services": {"cidrBlocks": [spec.network.services]},
        },
        "topology": {
            **_class(spec.connection["class"], version),
            "version": f"v{spec.version}",
            "controlPlane": {"replicas": int(spec.connection.get("control-planes", "1"))},
            "workers": {"machineDeployments": [_pool(spec, index) for index in range(len(spec.pools))]},
        },
    }
    meta: Manifest = {"name": spec.name, "namespace": namespace(spec), "labels": OURS}
    return {"apiVersion": f"{GROUP}/{version}", "kind": "Cluster", "metadata": meta, "spec": body}


def _class(name: str, version: str) -> Manifest:
    return {"class": name} if version == "v1beta1" else {"classRef": {"name": name}}


def _pool(spec: ClusterSpec, index: int) -> Manifest:
    pool = spec.pools[index]
    made: Manifest = {
        "class": spec.connection.get("worker-class", "default-worker"),
        "name": pool.name,
        "replicas": pool.count,
    }
    if pool.labels:
        made["metadata"] = {"labels": dict(pool.labels)}
    if pool.zones:
        made["failureDomain"] = pool.zones[0]
    return made


READY = ("Available", "Ready")
"""Condition names of v1beta2, and of v1beta1."""


def waits_for(found: Object | None) -> str:
    """The conditions that are not yet met, in the API's own words; empty: ready. The observed generation must be
    current.
    """
    if found is None:
        return "the Cluster does not exist"
    status, meta = Node(found)["status"], Node(found)["metadata"]
    if status["failureMessage"]:
        return f"it failed: {status['failureMessage'].text()}"[:500]
    if status["observedGeneration"].whole() < meta["generation"].whole():
        return "its controller has not observed the last change yet"
    conditions = {one["type"].text(): one for one in status["conditions"]}
    told = next((conditions[kind] for kind in READY if kind in conditions), None)
    if told is None:
        return f"it is {status['phase'].text() or 'not started'}, without a condition {' or '.join(READY)}"
    if told["status"].text() == "True":
        return ""
    behind = [one for one in conditions.values() if one["status"].text() == "False" and one is not told]
    return "; ".join(_said(one) for one in [told, *behind])[:500]


def _said(one: Node) -> str:
    words = ": ".join(one[key].text() for key in ("reason", "message") if one[key])
    return f"{one['type'].text()} is {one['status'].text()}{f' ({words})' if words else ''}"


def held_by(found: Object, now: float) -> str:
    """The finalizers that block the deletion of a cluster, and since when. `now`: seconds since the epoch."""
    meta = Node(found)["metadata"]
    names = ", ".join(meta["finalizers"].texts()) or "its controller"
    if not meta["deletionTimestamp"]:
        return f"{names} (its deletion was not requested)"
    since = metadata.epoch(meta["deletionTimestamp"].text())
    if not since:
        return f"{names} (since when is not known)"
    age = now - since
    return f"{names}, for {max(age, 0):.0f} s"
