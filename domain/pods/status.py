"""Pods: what is asked for, what is seen, why one waits, and what follows when its node is lost."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from domain.clusters.health import condition

Object = Mapping[str, Any]
WORKFLOW = "sluiceway.dev/workflow"
"""Annotation: the id of the workflow that a pod belongs to."""
OURS = "sluiceway.dev/pod"
"""Label of all our pods; the watch of a namespace asks for it."""
FINALIZER = "sluiceway.dev/logs"
"""Keeps the pod's object until its logs are in the store."""
NOBODY = 65532
PENDING_S = 20.0
"""A pod that is pending for longer is asked about."""


class PodPhase(StrEnum):
    """Of a pod's life. The five in the middle are those of Kubernetes.

    Source: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/
    """

    REQUESTED = "requested"
    PENDING = "Pending"
    RUNNING = "Running"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    UNKNOWN = "Unknown"
    GONE = "gone"


ENDED = frozenset({PodPhase.SUCCEEDED, PodPhase.FAILED, PodPhase.GONE})


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


@dataclass(frozen=True)
class PodSeen:
    """A pod at one moment. `exit_code` -1: none."""

    phase: PodPhase
    reason: str = ""
    node: str = ""
    exit_code: int = -1
    ending: bool = False
    """Somebody has asked for its end."""
    uid: str = ""
    at: float = field(default=0.0, compare=False)
    """When a watch saw it, in Unix seconds; 0: no watch did."""


def attempt_name(name: str, attempt: int) -> str:
    """Of the object: the same attempt is the same name."""
    return name if attempt == 1 else f"{name}-{attempt}"


def label_of(workflow_id: str) -> str:
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


def owned(given: Object, name: str, namespace: str, workflow_id: str) -> dict[str, Any]:
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


@dataclass(frozen=True)
class Nodes:
    """Of a cluster: those that nobody hears of, and when each was made (RFC 3339, as the API has it)."""

    silent: frozenset[str] = frozenset()
    born: Mapping[str, str] = field(default_factory=dict)

    def trouble(self, node: str, placed: str) -> str:
        """Why a pod that was made at a time is lost with its node; empty: it is not."""
        if node in self.silent:
            return f"node {node} is lost"
        replaced = bool(placed) and self.born.get(node, "") > placed
        return f"node {node} was replaced by another of its name" if replaced else ""


def nodes_of(found: Iterable[Object]) -> Nodes:
    known = list(found)
    silent = (one["metadata"]["name"] for one in known if condition(one, "Ready") in ("Unknown", ""))
    born = {str(one["metadata"]["name"]): str(one["metadata"].get("creationTimestamp") or "") for one in known}
    return Nodes(frozenset(silent), born)


def seen(pod: Object, nodes: Nodes = Nodes()) -> PodSeen:
    """What the API server says of a pod; on a node that is lost it says what once was."""
    status, meta = pod.get("status") or {}, pod["metadata"]
    node = str(pod.get("spec", {}).get("nodeName") or "")
    phase = _phase(str(status.get("phase") or "Pending"))
    ended = _ended(status)
    reason = str(status.get("reason") or "")
    trouble = nodes.trouble(node, str(meta.get("creationTimestamp") or ""))
    if phase not in ENDED and trouble:
        phase, reason = PodPhase.UNKNOWN, trouble
    elif ended and phase is PodPhase.FAILED:
        reason = reason or _why(ended)
    elif phase is PodPhase.PENDING:
        reason = reason or waiting(pod)
    code = int(ended["exitCode"]) if ended and phase in ENDED else -1
    return PodSeen(phase, reason, node, code, meta.get("deletionTimestamp") is not None, str(meta.get("uid") or ""))


def tells(last: PodSeen | None, now: PodSeen) -> bool:
    """Whether a pod's workflow has to hear what its watch sees now, after what it heard last.

    That it was created, the workflow knows; of one that has ended it wants to know no more; and where it was placed it
    learns together with what became of it there.
    """
    if last is None:
        return now.phase is not PodPhase.PENDING or bool(now.reason)
    return last.phase not in ENDED and (last.phase, last.reason) != (now.phase, now.reason)


def is_gone(left: Object | None) -> bool:
    """Of what the server answered when the last finalizer was taken away: whether that was the object's end.

    Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/finalizers/
    """
    meta = left["metadata"] if left else {}
    asked = meta.get("deletionTimestamp") is not None and meta.get("deletionGracePeriodSeconds") == 0
    return left is None or (asked and not meta.get("finalizers"))


def _why(ended: Object) -> str:
    """A container that could not be started says why in its message; others leave there what they like."""
    reason, said = str(ended.get("reason") or ""), str(ended.get("message") or "")
    return f"{reason}: {said[:300]}" if said and reason != "Error" else reason


def _phase(word: str) -> PodPhase:
    try:
        return PodPhase(word)
    except ValueError:
        return PodPhase.UNKNOWN


def _ended(status: Object) -> Object:
    """How the first container that failed ended, or else the last one."""
    states = [(one.get("state") or {}).get("terminated") for one in status.get("containerStatuses") or []]
    ended = [one for one in states if one]
    return next((one for one in ended if one.get("exitCode")), ended[-1] if ended else {})


def waiting(pod: Object) -> str:
    """Why a container waits, by its own status: `ErrImagePull`, `ContainerCreating`."""
    status = pod.get("status") or {}
    for one in [*(status.get("initContainerStatuses") or []), *(status.get("containerStatuses") or [])]:
        held = (one.get("state") or {}).get("waiting")
        if held and held.get("reason") not in (None, "PodInitializing"):
            return str(held["reason"])
    return ""


_CAUSES = (
    (re.compile(r"exceeded quota: (?P<what>.+)", re.S), "the quota of the namespace is used up: {what}"),
    (re.compile(r"Insufficient (?P<what>[\w/-]+(?:\.[\w/-]+)*)"), "no node has enough {what} free"),
    (re.compile(r"untolerated taint(?:\(s\))? ?\{?(?P<what>[^}]*)\}?"), "a taint that it does not tolerate: {what}"),
    (re.compile(r"volume node affinity conflict"), "its volume is in a zone that no fitting node is in"),
    (re.compile(r"unbound immediate PersistentVolumeClaims|claim \S+ not found"), "its claim has no volume"),
    (re.compile(r"node affinity/selector"), "no node has the labels that it asks for"),
    (re.compile(r"Too many pods"), "every node has all the pods that it may"),
    (re.compile(r"no nodes available|0/0 nodes"), "the cluster has no nodes"),
)  # fmt: skip
_PULL = ("ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "InvalidImageName", "RegistryUnavailable")


def cause(pod: Object, events: Iterable[Object]) -> str:
    """Why a pod is pending, in words; events in the order of their times. The newest that tells something counts."""
    if waiting(pod) in _PULL:
        image = next((one.get("image", "") for one in pod.get("spec", {}).get("containers", [])), "")
        return f"the image {image} cannot be pulled ({waiting(pod)})"
    for event in reversed(list(events)):
        said = str(event.get("message") or event.get("note") or "")
        if event.get("reason") == "FailedScheduling":
            return _scheduling(said)
        if event.get("reason") in ("Failed", "BackOff") and "image" in said.lower():
            return f"the image cannot be pulled: {said[:200]}"
        if str(event.get("reason", "")).startswith(("Failed", "Error")):
            return f"{event['reason']}: {said[:300]}"
    return waiting(pod) or "nothing says why; nobody has placed it yet"


def _scheduling(said: str) -> str:
    found = [words.format(**match.groupdict()) for pattern, words in _CAUSES if (match := pattern.search(said))]
    return f"{'; '.join(found)} ({said[:200]})" if found else said[:300]


def refused(said: str) -> str:
    """Why the server does not take a pod at all, in words."""
    for pattern, words in _CAUSES[:1]:
        if match := pattern.search(said):
            return words.format(**match.groupdict())[:500]
    return said[:500]


class Lost(StrEnum):
    """What follows when a pod's node is lost."""

    WAIT = "wait"
    RELOCATE = "relocate"
    FAIL = "fail"


def after_loss(idempotent: bool, node_exists: bool, attempts_left: int) -> Lost:
    """Another copy starts only when none can run any more, or when two at once do no harm.

    A node that is merely silent may still run its pods; one whose object is gone was taken out by somebody.
    """
    if node_exists and not idempotent:
        return Lost.WAIT
    return Lost.RELOCATE if attempts_left > 0 else Lost.FAIL


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
