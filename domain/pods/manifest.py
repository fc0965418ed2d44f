"""The objects of a pod: its manifest, names, labels and secret."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field

from domain.clusters import metadata
from domain.core.documents import Manifest, Node, Object

NO_SECRETS = "values of secrets are not sent to a cluster that dials out"
"""They would go through a server, which has none of them."""
WORKFLOW = "sluiceway.dev/workflow"
"""Annotation: the id of the workflow that owns the pod."""


OURS = "sluiceway.dev/pod"
"""Label of all our pods; the watch of a namespace selects by it."""


LOGS_BY_WATCH = "sluiceway.dev/logs-by-watch"
"""Annotation: the pod's workflow understands an end that is told together with its logs."""


FINALIZER = "sluiceway.dev/logs"
"""Finalizer: keeps the pod object until its logs are stored."""


NOBODY = 65532


@dataclass(frozen=True)
class PodSpec:
    """A pod in basic mode. CPU in cores; 0: no limit. Files: path to text, mounted read-only in /etc/sluiceway.
    Secrets: environment variables whose values come from the pod's own secret.
    """

    image: str
    command: tuple[str, ...] = ()
    _: KW_ONLY
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
    """The object's name; the same for every retry of one attempt."""
    return name if attempt == 1 else f"{name}-{attempt}"


def label_of(workflow_id: str) -> str:
    """A label value for a workflow id, whose characters and length Kubernetes would reject."""
    return hashlib.sha256(workflow_id.encode()).hexdigest()[:32]


def manifest(spec: PodSpec) -> Manifest:
    """A pod allowed by the restricted pod security standard: no root, no capabilities, no API token.

    Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/
    """
    limits = {"cpu": f"{spec.cpu:g}"} if spec.cpu else {}
    limits |= {"memory": f"{spec.memory_mb}Mi"} if spec.memory_mb else {}
    container: Manifest = {
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
    made: Manifest = {
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
    """The data of the pod's config map: keys may not contain slashes, so files are numbered."""
    return {f"file-{index}": files[path] for index, path in enumerate(sorted(files))}


def with_ownership(
    given: Object, name: str, namespace: str, workflow_id: str, *, logs_by_watch: bool = False
) -> Manifest:
    """The manifest with our labels, annotations and finalizer."""
    notes = {WORKFLOW: workflow_id, **({LOGS_BY_WATCH: "true"} if logs_by_watch else {})}
    marked = metadata.marked(given, labels={OURS: label_of(workflow_id)}, annotations=notes)
    meta, spec = Node(marked)["metadata"], Node(given)["spec"]
    kept = [*meta["finalizers"].texts(), FINALIZER]
    made: Manifest = {**meta.object(), "name": name, "namespace": namespace, "finalizers": kept}
    made.pop("generateName", None)
    body: Manifest = {
        **spec.object(),
        "volumes": [_named(volume, name) for volume in spec["volumes"]],
        "containers": [_with_secret(one, name) for one in spec["containers"]],
    }
    return {"apiVersion": "v1", "kind": "Pod", "metadata": made, "spec": body}


def _named(volume: Node, name: str) -> Object:
    files = volume["configMap"]
    if files.value is not None and not files["name"]:
        return {**volume.object(), "configMap": {**files.object(), "name": f"{name}-files"}}
    return volume.object()


def secret_name(pod: str) -> str:
    """The name of the pod's secret."""
    return f"{pod}-secrets"


def _with_secret(container: Node, name: str) -> Object:
    """Fills in the pod's own secret for variables whose `secretKeyRef` has no name."""
    env: list[Object] = []
    for one in container["env"]:
        key = one.at("valueFrom", "secretKeyRef")
        owned = {"valueFrom": {"secretKeyRef": {**key.object(), "name": secret_name(name)}}}
        env.append({**one.object(), **owned} if key and not key["name"] else one.object())
    return {**container.object(), "env": env} if env else container.object()


def position(said: str) -> tuple[str | int, ...]:
    """The path of the field that an API server error names: `spec.containers[0].image`."""
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
