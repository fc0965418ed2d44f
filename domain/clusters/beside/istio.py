"""Istio at the edge of a cluster: one Gateway of each kind, Gateway API's and Istio's own, both `sluiceway/edge`.

Istio takes a proxy for a Gateway's by the Service that chooses it by its labels. This Envoy is no pod: the Service's
selector finds it in Istio alone, and its EndpointSlice is written by hand.
"""

from __future__ import annotations

from collections.abc import Mapping

from domain.clusters.beside import gateway
from domain.clusters.beside.outside import RBAC, rights, rule
from domain.clusters.manifests import OURS
from domain.clusters.parts import DOMAIN
from domain.core.documents import Manifest, Node
from domain.core.values import Json

CLASS = "istio"
GROUP = "networking.istio.io"
LABELS = {gateway.GATEWAY_NAME: gateway.NAME}
"""Of the proxy, by which both Gateways choose it."""
HOST = f"{gateway.NAME}.{gateway.NAMESPACE}.svc.{DOMAIN}"
"""Of its Service."""
_ROUTED = ("gatewayclasses", "gateways", "httproutes", "grpcroutes", "listenersets", "tlsroutes", "backendtlspolicies")
_OWN: Mapping[str, tuple[str, ...]] = {
    "networking": (
        "destinationrules",
        "envoyfilters",
        "gateways",
        "proxyconfigs",
        "serviceentries",
        "sidecars",
        "virtualservices",
        "workloadentries",
        "workloadgroups",
    ),
    "security": ("authorizationpolicies", "peerauthentications", "requestauthentications"),
    "telemetry": ("telemetries",),
    "extensions": ("wasmplugins", "trafficextensions"),
}


def objects(where: str, port: int, metrics: int) -> list[Manifest]:
    """All objects beside the CRDs, in the order in which they can be applied.

    `where`: the proxy's address; `port`: of its HTTP listener; `metrics`: of its counters' page, `/stats/prometheus`.
    """
    service, slice_ = gateway.reached(where, port, metrics)
    return [
        gateway.space(),
        *rights(gateway.USER, _rules()),
        *_leaders(),
        gateway.of_class(CLASS),
        _at_service(gateway.gateway(CLASS, port)),
        _own_kind(port),
        _listens_at(where, port),
        _chosen(service, where),
        slice_,
    ]


def _at_service(one: Manifest) -> Manifest:
    """With an address that names a Service, Istio makes no pods of its own for a Gateway.

    Source: https://istio.io/latest/docs/tasks/traffic-management/ingress/gateway-api/#manual-deployment
    """
    addresses: list[Json] = [{"type": "Hostname", "value": HOST}]
    return {**one, "spec": {**Node(one)["spec"].object(), "addresses": addresses}}


def _own_kind(port: int) -> Manifest:
    """Source: https://istio.io/latest/docs/reference/config/networking/gateway/"""
    server: Manifest = {"port": {"number": port, "name": gateway.HTTP, "protocol": "HTTP"}, "hosts": ["*"]}
    return {
        "apiVersion": f"{GROUP}/v1",
        "kind": "Gateway",
        "metadata": {"name": gateway.NAME, "namespace": gateway.NAMESPACE, "labels": OURS},
        "spec": {"selector": dict(LABELS), "servers": [server]},
    }


def _listens_at(where: str, port: int) -> Manifest:
    """Only where nodes and pods reach this machine: a Gateway's listener is at every address otherwise.

    Source: https://istio.io/latest/docs/reference/config/networking/envoy-filter/
    """
    found: Manifest = {"applyTo": "LISTENER", "match": {"context": "GATEWAY", "listener": {"portNumber": port}}}
    merged: Manifest = {"address": {"socket_address": {"address": where, "port_value": port}}}
    return {
        "apiVersion": f"{GROUP}/v1alpha3",
        "kind": "EnvoyFilter",
        "metadata": {"name": gateway.NAME, "namespace": gateway.NAMESPACE, "labels": OURS},
        "spec": {
            "workloadSelector": {"labels": dict(LABELS)},
            "configPatches": [{**found, "patch": {"operation": "MERGE", "value": merged}}],
        },
    }


def _chosen(service: Manifest, where: str) -> Manifest:
    """`externalIPs`: what the Gateway's status tells as its address."""
    chosen: Manifest = {"selector": dict(LABELS), "externalIPs": [where]}
    return {**service, "spec": {**Node(service)["spec"].object(), **chosen}}


def _rules() -> list[Manifest]:
    """What Istio's own chart lets its control plane read, without what is for certificates, webhooks and its own pods.

    It lists Secrets for the certificates of Gateways.
    """
    return [
        rule("", "nodes", "pods", "services", "namespaces", "endpoints", "configmaps", "secrets"),
        rule("discovery.k8s.io", "endpointslices"),
        rule("apiextensions.k8s.io", "customresourcedefinitions"),
        rule("admissionregistration.k8s.io", "mutatingwebhookconfigurations", "validatingwebhookconfigurations"),
        rule("networking.k8s.io", "ingresses", "ingressclasses"),
        *(rule(f"{group}.istio.io", *kinds) for group, kinds in _OWN.items()),
        rule(gateway.GROUP, *_ROUTED, "referencegrants"),
        rule(gateway.GROUP, *(f"{one}/status" for one in _ROUTED), verbs=("update", "patch")),
    ]


def _leaders() -> list[Manifest]:
    """Who of several control planes writes the state of routes is decided by objects of its namespace."""
    name: Manifest = {"name": gateway.NAME, "namespace": gateway.NAMESPACE, "labels": OURS}
    verbs = ("get", "create", "update")
    rules: list[Json] = [rule("", "configmaps", verbs=verbs), rule("coordination.k8s.io", "leases", verbs=verbs)]
    return [
        {"apiVersion": f"{RBAC}/v1", "kind": "Role", "metadata": name, "rules": rules},
        {
            "apiVersion": f"{RBAC}/v1",
            "kind": "RoleBinding",
            "metadata": name,
            "roleRef": {"apiGroup": RBAC, "kind": "Role", "name": gateway.NAME},
            "subjects": [{"kind": "User", "name": gateway.USER, "apiGroup": RBAC}],
        },
    ]
