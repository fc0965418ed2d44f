"""Objects by which a cluster knows a program that runs beside its nodes: its rights, and where it is reached."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from domain.clusters.manifests import OURS
from domain.core.documents import Manifest

RBAC = "rbac.authorization.k8s.io"
READ = ("get", "list", "watch")


def rule(group: str, *resources: str, verbs: Sequence[str] = READ) -> Manifest:
    """One rule of a ClusterRole; `group` is empty for the core API."""
    return {"apiGroups": [group], "resources": list(resources), "verbs": list(verbs)}


def rights(user: str, rules: Iterable[Manifest]) -> list[Manifest]:
    """A ClusterRole and its binding to the user that a program's certificate names; both have the user's name.

    Source: https://kubernetes.io/docs/reference/access-authn-authz/rbac/
    """
    meta: Manifest = {"name": user, "labels": OURS}
    role: Manifest = {"apiVersion": f"{RBAC}/v1", "kind": "ClusterRole", "metadata": meta, "rules": list(rules)}
    return [role, bound(user, user)]


def bound(user: str, role: str, name: str = "") -> Manifest:
    """Binds a ClusterRole to a user, everywhere. `name`: of the binding; empty: the user's."""
    return {
        "apiVersion": f"{RBAC}/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": name or user, "labels": OURS},
        "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": role},
        "subjects": [{"kind": "User", "name": user, "apiGroup": RBAC}],
    }


def address(
    namespace: str, name: str, where: str, ports: Mapping[str, tuple[int, int]], labels: Mapping[str, str] | None = None
) -> list[Manifest]:
    """A Service without selector and its EndpointSlice: pods and the API server reach the program under its name.

    `where`: an address that is not loopback, which the API refuses. `ports`: by name, the Service's and the program's.

    Source: https://kubernetes.io/docs/concepts/services-networking/service/#services-without-selectors
    """
    marks = {**OURS, **(labels or {})}
    service: Manifest = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": namespace, "labels": marks},
        "spec": {"ports": [{"name": word, "port": shown, "targetPort": port} for word, (shown, port) in ports.items()]},
    }
    slice_: Manifest = {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {"name": name, "namespace": namespace, "labels": {**marks, "kubernetes.io/service-name": name}},
        "addressType": "IPv4",
        "endpoints": [{"addresses": [where], "conditions": {"ready": True}}],
        "ports": [{"name": word, "port": port, "protocol": "TCP"} for word, (_, port) in ports.items()],
    }
    return [service, slice_]
