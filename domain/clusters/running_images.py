"""What runs in a cluster, held against what was scanned: images by digest, and objects that a scanner can read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Object = Mapping[str, Any]
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
"""Kinds that are looked at. Secrets are not: nobody needs to read them to judge a configuration."""
BUILT_IN = "kubernetes.io/bootstrapping"
CLUSTERS_OWN = ("kube-root-ca.crt", "extension-apiserver-authentication")


def looked_at(one: Object) -> bool:
    """Objects that somebody wrote: not those that a controller makes of others, nor those that every cluster has."""
    meta = one["metadata"]
    made = any(owner.get("controller") for owner in meta.get("ownerReferences") or [])
    own = BUILT_IN in (meta.get("labels") or {}) or str(meta["name"]).startswith("system:")
    return not made and not own and meta["name"] not in CLUSTERS_OWN and meta.get("namespace") != "kube-system"


def written(one: Object, kind: str) -> dict[str, Any]:
    """As somebody would have written it: without what the server keeps for itself."""
    meta = {key: value for key, value in one["metadata"].items() if key in ("name", "namespace", "labels")}
    notes = {
        key: value
        for key, value in (one["metadata"].get("annotations") or {}).items()
        if not key.startswith("kubectl.kubernetes.io/")
    }
    body = {key: value for key, value in one.items() if key not in ("metadata", "status", "kind", "apiVersion")}
    made = {"apiVersion": one.get("apiVersion", ""), "kind": kind}
    return {**made, "metadata": {**meta, **({"annotations": notes} if notes else {})}, **body}


def file_of(one: Object, kind: str) -> str:
    """Where it lies for the scanner, and what findings name: `NAMESPACE/KIND/NAME.yaml`, or below `cluster`."""
    meta = one["metadata"]
    name = re.sub(r"[^A-Za-z0-9._-]", "_", str(meta["name"]))
    return f"{meta.get('namespace') or 'cluster'}/{kind}/{name}.yaml"


@dataclass(frozen=True)
class RunningImage:
    """`digest` empty: the kubelet has not said it."""

    pod: str
    container: str
    image: str
    digest: str = ""


def images(pods: Iterable[Object]) -> list[RunningImage]:
    """One entry per container, init containers too, of pods that run or are pending."""
    return [one for pod in pods for one in _images(pod)]


def _images(pod: Object) -> Iterator[RunningImage]:
    name = f"{pod['metadata']['namespace']}/{pod['metadata']['name']}"
    spec, status = pod.get("spec") or {}, pod.get("status") or {}
    if status.get("phase") not in ("Running", "Pending"):
        return
    told = {
        one.get("name"): str(one.get("imageID") or "")
        for one in [*(status.get("initContainerStatuses") or []), *(status.get("containerStatuses") or [])]
    }
    for one in [*(spec.get("initContainers") or []), *(spec.get("containers") or [])]:
        found = DIGEST.search(told.get(one["name"], ""))
        yield RunningImage(name, str(one["name"]), str(one.get("image", "")), found.group() if found else "")


def drift(running: Iterable[RunningImage], scanned: Callable[[str], bool]) -> list[str]:
    """What runs and was never scanned, or is not what its pod names. `scanned`: asked by digest, without the prefix."""
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
