"""What sources render, in tests of the target kubernetes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from activities.storage.port import Store
from domain.releases.deployment import Deployment
from domain.releases.kubernetes import container
from domain.releases.kubernetes.prepared import dumped

SCALER: dict[str, Any] = {
    "apiVersion": "autoscaling/v2",
    "kind": "HorizontalPodAutoscaler",
    "metadata": {"name": "web"},
    "spec": {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
        "minReplicas": 2,
        "maxReplicas": 9,
    },
}


def rendered(store: Store, deployment: Deployment, *more: dict[str, Any]) -> Deployment:
    """The deployment with its objects and others, as a renderer keeps them."""
    assert deployment.spec.kubernetes is not None
    kept = store.put(dumped([*container.objects(deployment.spec), *more]))
    spec = replace(deployment.spec.kubernetes, rendered=kept)
    return replace(deployment, spec=replace(deployment.spec, kubernetes=spec))


SAFE = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}


def job(hook: str, *, safe: bool = True) -> dict[str, Any]:
    """A Job for a hook; `safe`: as pod security asks for."""
    main = {"name": "main", "image": "migrate"} | ({"securityContext": SAFE} if safe else {})
    user = {"runAsNonRoot": True, "runAsUser": 65532, "seccompProfile": {"type": "RuntimeDefault"}}
    template = {"spec": {"containers": [main], "restartPolicy": "Never", "securityContext": user}}
    meta = {"name": hook, "annotations": {"sluiceway.dev/hook": hook}}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": meta, "spec": {"template": template}}
