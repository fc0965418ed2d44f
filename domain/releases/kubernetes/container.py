"""The objects of a service that is one container: what `image`, `port`, `cpu` and the like of a deploy block say."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from domain.core.documents import Manifest, Object
from domain.releases.deploy_spec import DeploySpec, ProbeSpec
from domain.releases.kubernetes.parts import HOOK

NOBODY = 65532
"""The user that a container runs as."""
PORT_NAME = "http"


def objects(spec: DeploySpec) -> list[Object]:
    """A Deployment of one container, and its Service: as a folder of manifests would have them."""
    labels = {"app": spec.service}
    workload: Manifest = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": spec.service},
        "spec": {
            "replicas": spec.instances,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": _pod(spec)},
        },
    }
    service: Manifest = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": spec.service},
        "spec": {"selector": labels, "ports": [{"name": PORT_NAME, "port": spec.port, "targetPort": PORT_NAME}]},
    }
    return [workload, service, *_autoscaler(spec)]


def _autoscaler(spec: DeploySpec) -> Iterator[Object]:
    scale = spec.kubernetes.autoscale if spec.kubernetes else None
    if scale is None:
        return
    target: Manifest = {"type": "Utilization", "averageUtilization": scale.cpu_percent}
    yield {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": spec.service},
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": spec.service},
            "minReplicas": scale.least,
            "maxReplicas": scale.most,
            "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": target}}],
        },
    }


def hook_job(spec: DeploySpec, hook: str, command: Sequence[str]) -> Object:
    """A Job that runs a command in the version's image, once."""
    pod = _pod(spec)
    only = ("name", "image", "securityContext", "resources")
    main = {key: value for key, value in _container(spec).items() if key in only}
    template = {"spec": {**pod, "containers": [{**main, "command": list(command)}], "restartPolicy": "Never"}}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": f"{spec.service}-{hook}", "annotations": {HOOK: hook}},
        "spec": {"backoffLimit": 0, "template": template},
    }


def _pod(spec: DeploySpec) -> Manifest:
    """Allowed by the restricted standard (https://kubernetes.io/docs/concepts/security/pod-security-standards/)."""
    return {
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": NOBODY,
            "runAsGroup": NOBODY,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [_container(spec)],
    }


def _container(spec: DeploySpec) -> Manifest:
    limits = {"cpu": f"{spec.cpu:g}"} if spec.cpu else {}
    limits |= {"memory": f"{spec.memory_mb}Mi"} if spec.memory_mb else {}
    made: Manifest = {
        "name": spec.service,
        "image": spec.image,
        "ports": [{"name": PORT_NAME, "containerPort": spec.port}],
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
        "readinessProbe": _probe(spec.readiness, failures=3),
        "resources": {"limits": limits, "requests": limits} if limits else {},
    }
    if spec.command:
        made["command"] = list(spec.command)
    if spec.port_env:
        made["env"] = [{"name": spec.port_env, "value": str(spec.port)}]
    if spec.liveness:
        made["livenessProbe"] = _probe(spec.liveness, failures=spec.liveness.failures)
        patience = math.ceil(spec.readiness.timeout_s)  # no restart while it may still start
        made["startupProbe"] = {**_probe(spec.liveness, failures=max(patience, 1)), "periodSeconds": 1}
    return made


def _probe(spec: ProbeSpec, failures: int) -> Manifest:
    """In whole seconds, which is all that the kubelet knows."""
    asked: Manifest = {"httpGet": {"path": spec.http, "port": PORT_NAME}} if spec.http else {}
    return {
        **(asked or {"tcpSocket": {"port": PORT_NAME}}),
        "periodSeconds": max(1, math.ceil(spec.interval_s)),
        "failureThreshold": failures,
    }
