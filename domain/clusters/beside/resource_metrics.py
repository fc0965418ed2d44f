"""The resource metrics API (metrics.k8s.io), served by a metrics-server beside the nodes: what autoscalers read."""

from __future__ import annotations

from domain.clusters.beside.outside import RBAC, READ, address, bound, rights, rule
from domain.clusters.manifests import OURS
from domain.core.documents import Manifest

NAMESPACE, NAME = "kube-system", "metrics-server"
USER = "sluiceway:metrics"
GROUP, VERSION = "metrics.k8s.io", "v1beta1"
HOST = f"{NAME}.{NAMESPACE}.svc"
"""The name that its certificate must have: the API server asks for it."""


def objects(where: str, port: int, authority: str) -> list[Manifest]:
    """All objects, in the order in which they can be applied.

    `where`, `port`: the program's address; `authority`: who signed its certificate, as PEM in base64.
    """
    rules = [rule("", "nodes/metrics", verbs=["get"]), rule("", "pods", "nodes")]
    return [
        *rights(USER, rules),
        bound(USER, "system:auth-delegator", f"{USER}:delegator"),
        _reader_of_authorities(),
        _readers(),
        *address(NAMESPACE, NAME, where, {"https": (443, port)}),
        _api(authority),
    ]


def _reader_of_authorities() -> Manifest:
    """It learns whose proxied requests to trust from the API server's own ConfigMap.

    Source: https://kubernetes.io/docs/tasks/extend-kubernetes/configure-aggregation-layer/
    """
    return {
        "apiVersion": f"{RBAC}/v1",
        "kind": "RoleBinding",
        "metadata": {"name": USER, "namespace": NAMESPACE, "labels": OURS},
        "roleRef": {"apiGroup": RBAC, "kind": "Role", "name": "extension-apiserver-authentication-reader"},
        "subjects": [{"kind": "User", "name": USER, "apiGroup": RBAC}],
    }


def _readers() -> Manifest:
    """Who may view, edit or administer a namespace reads its figures too: the roles of users gain this one."""
    into = {f"{RBAC}/aggregate-to-{role}": "true" for role in ("view", "edit", "admin")}
    meta: Manifest = {"name": f"{USER}:readers", "labels": {**OURS, **into}}
    rules = [rule(GROUP, "pods", "nodes", verbs=READ)]
    return {"apiVersion": f"{RBAC}/v1", "kind": "ClusterRole", "metadata": meta, "rules": rules}


def _api(authority: str) -> Manifest:
    return {
        "apiVersion": "apiregistration.k8s.io/v1",
        "kind": "APIService",
        "metadata": {"name": f"{VERSION}.{GROUP}", "labels": OURS},
        "spec": {
            "group": GROUP,
            "version": VERSION,
            "service": {"namespace": NAMESPACE, "name": NAME, "port": 443},
            "caBundle": authority,
            "groupPriorityMinimum": 100,
            "versionPriority": 100,
        },
    }
