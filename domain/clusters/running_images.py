"""Compares what runs in a cluster with what was scanned: images by digest, and manifests for misconfiguration scans."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from domain.clusters import metadata
from domain.core.documents import Manifest, Node, Object

DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
SCANNED = (
    ("v1", "Pod"),
    ("apps/v1", "Deployment"),
    ("apps/v1", "StatefulSet"),
    ("apps/v1", "DaemonSet"),
    ("batch/v1", "Job"),
    ("batch/v1", "CronJob"),
    ("v1", "Service"),
    ("v1", "ServiceAccount"),
    ("v1", "ConfigMap"),
    ("networking.k8s.io/v1", "NetworkPolicy"),
    ("networking.k8s.io/v1", "Ingress"),
    ("rbac.authorization.k8s.io/v1", "Role"),
    ("rbac.authorization.k8s.io/v1", "RoleBinding"),
    ("rbac.authorization.k8s.io/v1", "ClusterRole"),
    ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding"),
)
"""Kinds that are scanned. Secrets are left out: scanning configuration does not require reading them."""
BUILT_IN = "kubernetes.io/bootstrapping"
CLUSTERS_OWN = ("kube-root-ca.crt", "extension-apiserver-authentication")


def looked_at(one: Object) -> bool:
    """Objects that people wrote: without those that controllers make, and those that every cluster has."""
    name = metadata.name(one)
    made = any(owner["controller"] for owner in metadata.owners(one))
    own = BUILT_IN in metadata.labels(one) or name.startswith("system:")
    return not made and not own and name not in CLUSTERS_OWN and metadata.namespace(one) != "kube-system"


def written(one: Object, kind: str) -> Manifest:
    """The object as written, without the fields that the server manages."""
    meta = {
        key: value for key, value in Node(one)["metadata"].object().items() if key in ("name", "namespace", "labels")
    }
    notes = {
        key: value for key, value in metadata.annotations(one).items() if not key.startswith("kubectl.kubernetes.io/")
    }
    body = {key: value for key, value in one.items() if key not in ("metadata", "status", "kind", "apiVersion")}
    made: Manifest = {"apiVersion": Node(one)["apiVersion"].text(), "kind": kind}
    return {**made, "metadata": {**meta, **({"annotations": notes} if notes else {})}, **body}


def file_of(one: Object, kind: str) -> str:
    """The path that the scanner sees and findings show: `NAMESPACE/KIND/NAME.yaml`, or below `cluster`."""
    name = re.sub(r"[^A-Za-z0-9._-]", "_", metadata.name(one))
    return f"{metadata.namespace(one) or 'cluster'}/{kind}/{name}.yaml"


@dataclass(frozen=True)
class RunningImage:
    """`digest` empty: the kubelet has not reported it."""

    pod: str
    container: str
    image: str
    digest: str = ""


def images(pods: Iterable[Object]) -> list[RunningImage]:
    """One entry per container, init containers included, of pods that run or are pending."""
    return [one for pod in pods for one in _images(pod)]


def _images(pod: Object) -> Iterator[RunningImage]:
    name, spec, status = metadata.full_name(pod), Node(pod)["spec"], Node(pod)["status"]
    if status["phase"].text() not in ("Running", "Pending"):
        return
    told = {
        one["name"].text(): one["imageID"].text()
        for one in (*status["initContainerStatuses"], *status["containerStatuses"])
    }
    for one in (*spec["initContainers"], *spec["containers"]):
        container = one["name"].text()
        found = DIGEST.search(told.get(container, ""))
        yield RunningImage(name, container, one["image"].text(), found.group() if found else "")


def drift(running: Iterable[RunningImage], scanned: Callable[[str], bool]) -> list[str]:
    """Images that run but were never scanned, or differ from what their pod names. `scanned`: called with the bare
    digest.
    """
    lines: list[str] = []
    seen: dict[str, dict[str, str]] = {}
    for one in running:
        where = f"{one.pod} ({one.container})"
        asked = DIGEST.search(one.image)
        if not one.digest:
            lines.append(f"{where}: the digest of {one.image} is unknown")
            continue
        if asked and asked.group() != one.digest:
            lines.append(f"{where}: runs {one.digest[:19]} instead of {asked.group()[:19]}")
        if not scanned(one.digest.removeprefix("sha256:")):
            lines.append(f"{where}: runs {one.image} with digest {one.digest[:19]}, which was never scanned here")
        seen.setdefault(one.image, {}).setdefault(one.digest, one.pod)
    for image, digests in seen.items():
        if len(digests) > 1:
            pods = ", ".join(digests.values())
            lines.append(f"{image} resolves to {len(digests)} different images, in {pods}")
    return lines
