"""A Gateway of the cluster: its class, the router's rights, and where the router and its counters are reached.

The router's addresses and the port of its counters are those of the Service that carries the Gateway's name as label,
as the controllers that make pods for a Gateway label theirs (GEP-1762): whoever asks finds a process and pods alike.
"""

from __future__ import annotations

from domain.clusters.beside.outside import address, rights, rule
from domain.clusters.manifests import OURS
from domain.core.documents import Manifest, Node, Object

NAMESPACE, NAME = "sluiceway", "edge"
GROUP = "gateway.networking.k8s.io"
USER = "sluiceway:gateway"
GATEWAY_NAME = f"{GROUP}/gateway-name"
HTTP, METRICS = "http", "metrics"
"""Names of the Service's ports."""
CONTROLLERS = {"traefik": "traefik.io/gateway-controller", "istio": "istio.io/gateway-controller"}
"""Controller name by class."""
_READ = ("gatewayclasses", "gateways", "listenersets", "httproutes", "grpcroutes", "tlsroutes")
_POLICIES = ("backendtlspolicies", "referencegrants")


def objects(gateway_class: str, where: str, port: int, metrics: int) -> list[Manifest]:
    """All objects beside the CRDs of Gateway API, in the order in which they can be applied.

    `where`: the router's address; `port`: of its HTTP listener; `metrics`: of its counters' page, `/metrics`.
    """
    return [
        space(),
        *rights(USER, _rules()),
        of_class(gateway_class),
        gateway(gateway_class, port),
        *reached(where, port, metrics),
    ]


def space() -> Manifest:
    """The namespace of the Gateway."""
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE, "labels": OURS}}


def reached(where: str, port: int, metrics: int) -> list[Manifest]:
    """The Service of the router, and its EndpointSlice."""
    ports = {HTTP: (port, port), METRICS: (metrics, metrics)}
    return address(NAMESPACE, NAME, where, ports, {GATEWAY_NAME: NAME})


def told(one: Object) -> str:
    """A Gateway as environments name it, with where its first listener is reached: `sluiceway/edge at 10.0.0.1:80`."""
    found = Node(one)
    name = f"{found.at('metadata', 'namespace').text()}/{found.at('metadata', 'name').text()}"
    address = found.at("status", "addresses").first()["value"].text()
    return f"{name} at {address}:{found.at('spec', 'listeners').first()['port'].whole()}" if address else name


def _rules() -> list[Manifest]:
    """Traefik lists Secrets and ConfigMaps (certificates of TLS), whether or not anything names one."""
    changed = [f"{one}/status" for one in (*_READ, "backendtlspolicies")]
    return [
        rule("", "namespaces", "services", "secrets", "configmaps"),
        rule("discovery.k8s.io", "endpointslices"),
        rule(GROUP, *_READ, *_POLICIES),
        rule(GROUP, *changed, verbs=("update", "patch")),
    ]


def of_class(name: str) -> Manifest:
    """The class of the Gateways that a controller serves."""
    return {
        "apiVersion": f"{GROUP}/v1",
        "kind": "GatewayClass",
        "metadata": {"name": name, "labels": OURS},
        "spec": {"controllerName": CONTROLLERS[name]},
    }


def gateway(gateway_class: str, port: int) -> Manifest:
    """`sluiceway/edge`, one plain HTTP listener. Routes of every namespace may attach themselves.

    Source: https://gateway-api.sigs.k8s.io/reference/spec/#gateway
    """
    listener: Manifest = {
        "name": HTTP,
        "protocol": "HTTP",
        "port": port,
        "allowedRoutes": {"namespaces": {"from": "All"}, "kinds": [{"group": GROUP, "kind": "HTTPRoute"}]},
    }
    return {
        "apiVersion": f"{GROUP}/v1",
        "kind": "Gateway",
        "metadata": {"name": NAME, "namespace": NAMESPACE, "labels": OURS},
        "spec": {"gatewayClassName": gateway_class, "listeners": [listener]},
    }
