"""What is applied in a cluster that dials out: a worker that may watch, and whatever more the cluster's owner says."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

from domain.core.documents import Manifest
from domain.inventory.dial_out_network import Endpoint, host_of, policy_spec, server_endpoint
from domain.inventory.dialled import May
from domain.inventory.rows import READERS

NAMESPACE = "sluiceway"
NAME = "sluiceway-dial-out"
FOLDER, FILE, AUTHORITY = "/var/run/sluiceway", "token", "ca.crt"
HEALTH_PORT = 8_080
IMAGE = "sluiceway.local/dial-out"
"""Of the worker, as `make worker-image` names it, with the version as its tag."""
USER = 65532
"""Of the process; nobody in most images."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What differs from one cluster to another."""

    cluster: str
    server: str
    """Its origin: `https://ci.example.org`."""
    token: str
    image: str
    """Of the engine's command line."""
    namespace: str = NAMESPACE
    authority: str = ""
    """Whose certificate the server has, as PEM; empty: one that the image knows."""
    address: str = ""
    """Of the server, where the cluster's names do not know it; empty: they do."""
    apis: tuple[Endpoint, ...] = ()
    """Where its API server answers pods; empty: anywhere, at the usual ports."""
    priority_class: str = ""
    """Of its pod; empty: the cluster's default."""
    may: May = May.WATCH
    """What the worker is let do."""
    key: str = ""
    """Of the signer's permits, in Base64: what it does, it does with a permit of this one."""
    impersonate: bool = False
    """Whether people act in the cluster under their own names."""


def objects(wanted: Wanted) -> list[Manifest]:
    """In the order in which they are applied."""
    return [
        *_namespace(wanted),
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": _meta(wanted)},
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRole",
            "metadata": {"name": NAME, "labels": _labels()},
            "rules": rules(wanted.may, impersonate=wanted.impersonate),
        },
        _binding(wanted),
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": _meta(wanted),
            "type": "Opaque",
            "data": {name: base64.b64encode(each.encode()).decode() for name, each in _files(wanted).items()},
        },
        {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": _meta(wanted),
            "spec": policy_spec(_labels(), server_endpoint(wanted.server, wanted.address), wanted.apis),
        },
        _deployment(wanted),
    ]


def rules(may: May = May.WATCH, *, impersonate: bool = False) -> list[Manifest]:
    """`get`, `list` and `watch` of the kinds that are watched, and of events; logs where it may read; and where it may
    act, what the signer permits: pods, restarts, requests. Never a right on Secrets.
    """
    found: dict[str, list[str]] = {"": ["events"]}
    for reader in READERS.values():
        *group, resource = reader.path.removeprefix("/apis/").removeprefix("/api/").split("/")
        found.setdefault(group[0] if len(group) > 1 else "", []).append(resource)
    looks = [_rule(group, names, "get", "list", "watch") for group, names in sorted(found.items())]
    more = [_rule("", ["pods/log"], "get")] if may.holds(May.READ) else []
    more += _acts() if may.holds(May.ACT) else []
    more += [_rule("", ["users", "groups"], "impersonate")] if impersonate else []
    return [*looks, *more]


def _acts() -> list[Manifest]:
    return [
        _rule("", ["pods"], "create", "patch", "delete"),
        _rule("", ["configmaps"], "get", "create"),
        _rule("apps", ["deployments", "statefulsets", "daemonsets"], "patch"),
        _rule("batch", ["jobs"], "delete"),
        _rule("", ["resourcequotas", "limitranges"], "create", "patch", "delete"),
        _rule("networking.k8s.io", ["networkpolicies"], "create", "delete"),
    ]


def _rule(group: str, resources: list[str], *verbs: str) -> Manifest:
    return {"apiGroups": [group], "resources": sorted(resources), "verbs": list(verbs)}


def _namespace(wanted: Wanted) -> list[Manifest]:
    """Our own; one that somebody named may have pods of others, whom our labels would keep from starting."""
    if wanted.namespace != NAMESPACE:
        return []
    labels = {**_labels(), "pod-security.kubernetes.io/enforce": "restricted"}
    return [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE, "labels": labels}}]


def _files(wanted: Wanted) -> dict[str, str]:
    """What is mounted in `FOLDER`, and read again when it changes."""
    return {FILE: wanted.token, **({AUTHORITY: wanted.authority} if wanted.authority else {})}


def _binding(wanted: Wanted) -> Manifest:
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": NAME}
    who = {"kind": "ServiceAccount", "name": NAME, "namespace": wanted.namespace}
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": NAME, "labels": _labels()},
        "roleRef": role,
        "subjects": [who],
    }


def _deployment(wanted: Wanted) -> Manifest:
    pod: dict[str, Any] = {
        "serviceAccountName": NAME,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": USER,
            "runAsGroup": USER,
            "fsGroup": USER,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [_container(wanted)],
        "volumes": [
            {"name": "token", "secret": {"secretName": NAME, "defaultMode": 0o440}},
            {"name": "tmp", "emptyDir": {"sizeLimit": "64Mi"}},
        ],
    }
    if wanted.address:
        pod["hostAliases"] = [{"ip": wanted.address, "hostnames": [host_of(wanted.server)]}]
    if wanted.priority_class:
        pod["priorityClassName"] = wanted.priority_class
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": _meta(wanted),
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": _labels()},
            "template": {"metadata": {"labels": _labels()}, "spec": pod},
        },
    }


def _container(wanted: Wanted) -> Manifest:
    return {
        "name": "worker",
        "image": wanted.image,
        "command": [
            "sluiceway",
            "dial-out",
            wanted.cluster,
            "--token-file",
            f"{FOLDER}/{FILE}",
            "--health-port",
            str(HEALTH_PORT),
            *_let(wanted),
        ],
        "env": [{"name": name, "value": value} for name, value in _settings(wanted).items()],
        "ports": [{"name": "health", "containerPort": HEALTH_PORT}],
        **_probes(),
        "resources": {"requests": {"cpu": "50m", "memory": "128Mi"}, "limits": {"memory": "512Mi"}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [
            {"name": "token", "mountPath": FOLDER, "readOnly": True},
            {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108
        ],
    }


def _settings(wanted: Wanted) -> dict[str, str]:
    trusted = {"SSL_CERT_FILE": f"{FOLDER}/{AUTHORITY}"} if wanted.authority else {}
    return {"SLUICEWAY_SERVER": wanted.server, "HOME": "/tmp", **trusted}  # noqa: S108


def _probes() -> Manifest:
    """Ready while it is dialled in. Alive while its loop runs: nothing begins again for a server that is away."""

    def asked(path: str, every_s: int, failures: int) -> Manifest:
        get = {"path": path, "port": "health"}
        return {"httpGet": get, "periodSeconds": every_s, "timeoutSeconds": 5, "failureThreshold": failures}

    return {
        "startupProbe": asked("/livez", 2, 60),
        "livenessProbe": asked("/livez", 20, 3),
        "readinessProbe": asked("/readyz", 5, 3),
    }


def _let(wanted: Wanted) -> list[str]:
    if wanted.may is May.WATCH:
        return []
    key = ["--permits-key", wanted.key] if wanted.may is May.ACT else []
    return ["--may", str(wanted.may), *key, *(["--impersonate"] if wanted.impersonate else [])]


def _meta(wanted: Wanted) -> Manifest:
    return {"name": NAME, "namespace": wanted.namespace, "labels": _labels()}


def _labels() -> dict[str, str]:
    return {"app.kubernetes.io/name": NAME}
