"""The objects of a pod: its manifest, names, labels and secret."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Object = Mapping[str, Any]


WORKFLOW = "sluiceway.dev/workflow"
"""Annotation: the id of the workflow that a pod belongs to."""


OURS = "sluiceway.dev/pod"
"""Label of all our pods; the watch of a namespace asks for it."""


FINALIZER = "sluiceway.dev/logs"
"""Keeps the pod's object until its logs are in the store."""


NOBODY = 65532


@dataclass(frozen=True)
class PodSpec:
    """The basic mode. CPU in cores; 0: no limit. Files: path to text, mounted read-only in /etc/sluiceway.
    Secrets: names of variables, whose values come from the pod's own secret."""

    image: str
    command: tuple[str, ...] = ()
    env: dict[str, str] = field(default_factory=dict)
    ports: tuple[int, ...] = ()
    cpu: float = 0
    memory_mb: int = 0
    files: dict[str, str] = field(default_factory=dict)
    user: int = NOBODY
    pull: str = "IfNotPresent"
    labels: dict[str, str] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()


def attempt_name(name: str, attempt: int) -> str:
    """Of the object: the same attempt is the same name."""
    return name if attempt == 1 else f"{name}-{attempt}"


def label_of(workflow_id: str) -> str:
    """A label's value that stands for a workflow id, whose own characters and length Kubernetes does not allow."""
    return hashlib.sha256(workflow_id.encode()).hexdigest()[:32]


def manifest(spec: PodSpec) -> dict[str, Any]:
    """A pod that the restricted policy of pod security lets in: no root, no rights, no token of the API.

    Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/
    """
    limits = {"cpu": f"{spec.cpu:g}"} if spec.cpu else {}
    limits |= {"memory": f"{spec.memory_mb}Mi"} if spec.memory_mb else {}
    container: dict[str, Any] = {
        "name": "main",
        "image": spec.image,
        "imagePullPolicy": spec.pull,
        "env": [
            *({"name": name, "value": value} for name, value in sorted(spec.env.items())),
            *({"name": name, "valueFrom": {"secretKeyRef": {"name": "", "key": name}}} for name in spec.secrets),
        ],
        "ports": [{"containerPort": port} for port in spec.ports],
        "resources": {"limits": limits, "requests": limits} if limits else {},
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
    }
    if spec.command:
        container["command"] = list(spec.command)
    made: dict[str, Any] = {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": spec.user,
            "runAsGroup": spec.user,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [container],
    }
    if spec.files:
        container["volumeMounts"] = [{"name": "files", "mountPath": "/etc/sluiceway", "readOnly": True}]
        made["volumes"] = [{"name": "files", "configMap": {"name": "", "items": _items(spec.files)}}]
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"labels": dict(spec.labels)}, "spec": made}


def _items(files: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"key": f"file-{index}", "path": path} for index, path in enumerate(sorted(files))]


def file_data(files: Mapping[str, str]) -> dict[str, str]:
    """What the config map of a pod's files holds: keys may hold no slashes, so they are numbered."""
    return {f"file-{index}": files[path] for index, path in enumerate(sorted(files))}


def with_ownership(given: Object, name: str, namespace: str, workflow_id: str) -> dict[str, Any]:
    """A manifest as that of a workflow's pod: found again by label, kept until its logs are."""
    meta = given.get("metadata") or {}
    labels = {**(meta.get("labels") or {}), OURS: label_of(workflow_id)}
    notes = {**(meta.get("annotations") or {}), WORKFLOW: workflow_id}
    kept = [*(meta.get("finalizers") or []), FINALIZER]
    made = {**meta, "name": name, "namespace": namespace, "labels": labels, "annotations": notes, "finalizers": kept}
    made.pop("generateName", None)
    spec = {**given["spec"]}
    spec["volumes"] = [_named(volume, name) for volume in spec.get("volumes") or []]
    spec["containers"] = [_with_secret(one, name) for one in spec.get("containers") or []]
    return {"apiVersion": "v1", "kind": "Pod", "metadata": made, "spec": spec}


def _named(volume: Object, name: str) -> dict[str, Any]:
    if volume.get("configMap") is not None and not volume["configMap"].get("name"):
        return {**volume, "configMap": {**volume["configMap"], "name": f"{name}-files"}}
    return dict(volume)


def secret_name(pod: str) -> str:
    """Of the secret that belongs to a pod."""
    return f"{pod}-secrets"


def _with_secret(container: Object, name: str) -> dict[str, Any]:
    """Variables of a secret that has no name are of the pod's own."""
    env = []
    for one in container.get("env") or []:
        key = (one.get("valueFrom") or {}).get("secretKeyRef")
        if key and not key.get("name"):
            one = {**one, "valueFrom": {"secretKeyRef": {**key, "name": secret_name(name)}}}
        env.append(one)
    return {**container, "env": env} if env else dict(container)


def position(said: str) -> tuple[str | int, ...]:
    """The field that an error of the API server names, as a path: `spec.containers[0].image`."""
    match = re.search(r"\.?((?:spec|metadata)(?:\.[A-Za-z][\w-]*|\[[^\]]*\])*)", said)
    if not match:
        return ()
    steps: list[str | int] = []
    for name, index in re.findall(r"([A-Za-z][\w-]*)|\[([^\]]*)\]", match.group(1)):
        if name:
            steps.append(name)
        else:
            steps.append(int(index) if index.isdecimal() else 0)
    return tuple(steps)
