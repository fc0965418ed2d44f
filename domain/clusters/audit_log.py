"""The audit log of a cluster that is made here: who asked its API server for what, in the cluster's own words.

Source: https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from domain.core.documents import Manifest

SETTING = "audit"
"""Of a cluster's `connection`."""
METADATA = "metadata"
"""Who, what, when and from where; no content of requests, so no Secret."""
PROVIDERS = ("host", "kwok")
_QUIET = ("/healthz*", "/livez*", "/readyz*", "/version", "/api", "/apis", "/openapi*")
_LOOKS = ("get", "list", "watch")
_OWN_GROUPS = ("system:nodes", "system:serviceaccounts:kube-system")
_OWN_USERS = ("system:kube-controller-manager", "system:kube-scheduler", "system:apiserver", "system:kube-proxy")


def wanted(connection: Mapping[str, str]) -> bool:
    """Whether an API server writes one."""
    return connection.get(SETTING) == METADATA


def state(connection: Mapping[str, str]) -> str:
    """What of a control plane's state says it; empty: nothing."""
    return ", audit log of metadata" if wanted(connection) else ""


def complaints(provider: str, connection: Mapping[str, str]) -> Iterator[str]:
    """What is wrong with the setting."""
    said = connection.get(SETTING)
    if said is None:
        return
    if said != METADATA:
        yield f"{SETTING} is '{METADATA}', not {said[:40]!r}"
    elif provider not in PROVIDERS:
        yield f"the provider {provider} starts no API server: turn its audit log on where the cluster is made"


def policy() -> Manifest:
    """What is written: everything but the looks that the cluster's own programs take all the time."""
    return {
        "apiVersion": "audit.k8s.io/v1",
        "kind": "Policy",
        "omitStages": ["RequestReceived"],
        "rules": [
            {"level": "None", "nonResourceURLs": list(_QUIET)},
            {"level": "None", "userGroups": list(_OWN_GROUPS), "verbs": list(_LOOKS)},
            {"level": "None", "users": list(_OWN_USERS), "verbs": list(_LOOKS)},
            {"level": "None", "resources": [{"group": "coordination.k8s.io", "resources": ["leases"]}]},
            {"level": "Metadata"},
        ],
    }
