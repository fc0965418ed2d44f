"""A Gateway as it stands: where requests come in, what its class can, and which processes serve it.

Source: https://gateway-api.sigs.k8s.io/reference/spec/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from activities.kubernetes.port import ObjectApi
from activities.releases.cluster_traffic import endpoints, named_gateway
from activities.releases.cluster_traffic.certificates import Listener
from activities.releases.cluster_traffic.data_plane import RouterAddress
from activities.releases.cluster_traffic.named_gateway import unusable
from domain.clusters import metadata
from domain.core.documents import Node, Object
from domain.core.errors import SluicewayError
from domain.releases.kubernetes.http_route import features
from domain.releases.kubernetes.place import Place

API = "gateway.networking.k8s.io/v1"
OWN_PODS = ("gateway.networking.k8s.io/gateway-name={name}", "gateway.envoyproxy.io/owning-gateway-name={name}")
"""Labels of what a controller makes for a Gateway: the first by GEP-1762, the second of Envoy Gateway."""
MAX_ADDRESSES = 64
_PROTOCOLS = {"HTTP": 0, "HTTPS": 1}
"""Listeners that carry HTTP, the preferred one first."""


@dataclass(frozen=True)
class Gateway:
    """Read from the API once a change; blocking."""

    kube: ObjectApi
    namespace: str
    name: str
    port: int
    """Of the listener that takes the service's requests."""
    tls: bool
    addresses: tuple[str, ...]
    controller: str
    """Name of the class's controller, such as `traefik.io/gateway-controller`."""
    features: frozenset[str]
    annotations: dict[str, str]

    def url(self, host: str) -> str:
        """Of a host at its listener."""
        scheme, usual = ("https", 443) if self.tls else ("http", 80)
        return f"{scheme}://{host}" + ("" if self.port == usual else f":{self.port}")

    def routers(self) -> list[RouterAddress]:
        """Its processes where their endpoints are known, and the addresses that its status names."""
        own = [RouterAddress(one.address, one.port, self.tls, shared=False) for one in self._endpoints()]
        shared = [RouterAddress(host, self.port, self.tls) for host in self.addresses]
        return (own + shared)[:MAX_ADDRESSES]

    def own(self, kind: str) -> list[Object]:
        """Services or pods that its controller made for it; none where it may not look, or made none."""
        for labels in OWN_PODS:
            space = self.namespace if labels is OWN_PODS[0] else ""
            try:
                found = self.kube.items("v1", kind, space, labels.format(name=self.name))
            except SluicewayError as refused:
                if refused.status not in (403, 404):
                    raise
                found = []
            if found:
                return found
        return []

    def _endpoints(self) -> Iterator[endpoints.Endpoint]:
        for service in self.own("Service"):
            for port in Node(service).at("spec", "ports"):
                if port["port"].whole() == self.port:
                    yield from endpoints.ready(self.kube, service, port["name"].text())


def find(kube: ObjectApi, place: Place, service: str) -> Gateway:
    """The Gateway that a registered environment names.

    Raises:
        RefusedError: SLW860, it is not there, or has no listener for this host.
        SluicewayError: SLW860, it is not programmed yet, or not at the moment.
    """
    full_name, found = named_gateway.read(kube, API, place)
    if not found:
        raise unusable(full_name, "there is none of this name")
    if not _is_true(found["status"], "Programmed"):
        raise _unusable_now(full_name, f"its controller has not programmed it: {_said(found['status'])}")
    listener = _listener(found, place.host_of(service))
    if not listener:
        raise unusable(full_name, f"no listener of it takes HTTP for {place.host_of(service)}")
    of_class = Node(kube.get(API, "GatewayClass", found.at("spec", "gatewayClassName").text()))
    controller = of_class.at("spec", "controllerName").text()
    space, _, name = full_name.partition("/")
    return Gateway(
        kube,
        space,
        name,
        listener["port"].whole(),
        listener["protocol"].text() == "HTTPS",
        tuple(one["value"].text() for one in found.at("status", "addresses"))[:MAX_ADDRESSES],
        controller,
        features(controller, (one["name"].text() for one in of_class.at("status", "supportedFeatures"))),
        metadata.annotations(found.object()),
    )


def listeners(kube: ObjectApi, place: Place, service: str) -> Iterator[Listener]:
    """Those that end TLS for a service's host; none where there is no such Gateway."""
    full_name, found = named_gateway.read(kube, API, place)
    space = full_name.partition("/")[0]
    said = {one["name"].text(): one for one in found.at("status", "listeners")}
    for one in _nearest(found, place.host_of(service)):
        named = one["name"].text()
        secrets = [
            f"{ref['namespace'].text(space)}/{ref['name'].text()}"
            for ref in one.at("tls", "certificateRefs")
            if ref["kind"].text("Secret") == "Secret" and not ref["group"].text()
        ]
        status = said.get(named, Node())
        wrong = [kind for kind in ("Accepted", "ResolvedRefs", "Programmed") if _is_false(status, kind)]
        why = f"{', '.join(wrong)} is false, {_said(status)}" if wrong else ""
        yield Listener(f"listener {named} of {full_name}", tuple(secrets[:MAX_ADDRESSES]), why)


def _nearest(gateway: Node, host: str) -> Iterable[Node]:
    """Of each port the one that says most of the host: it takes the requests, whatever the others could."""
    nearest: dict[int, Node] = {}
    for one in gateway.at("spec", "listeners"):
        port = one["port"].whole()
        if one["protocol"].text() != "HTTPS" or not covers(one["hostname"].text(), host):
            continue
        if port not in nearest or _nearness(one, host) > _nearness(nearest[port], host):
            nearest[port] = one
    return nearest.values()


def _nearness(listener: Node, host: str) -> tuple[bool, int]:
    said = listener["hostname"].text()
    return said == host, len(said)


def not_accepted(route: Object, gateway: Gateway) -> str:
    """Why this Gateway does not serve the route as it is now; empty: its controller says that it does."""
    here, generation = Node(route), Node(route).at("metadata", "generation").whole()
    space = metadata.namespace(route)
    for parent in here.at("status", "parents"):
        ref = parent["parentRef"]
        if (ref["namespace"].text(space), ref["name"].text()) != (gateway.namespace, gateway.name):
            continue
        for kind in ("Accepted", "ResolvedRefs"):
            if not _is_true(parent, kind, generation):
                return f"{kind} is not true for generation {generation}: {_said(parent)}"
        return ""
    return f"the controller of {gateway.namespace}/{gateway.name} has not looked at it"


def _is_true(status: Node, kind: str, generation: int = 0) -> bool:
    return any(
        one["type"].text() == kind
        and one["status"].text() == "True"
        and one["observedGeneration"].whole() >= generation
        for one in status["conditions"]
    )


def _is_false(status: Node, kind: str) -> bool:
    return any(one["type"].text() == kind and one["status"].text() == "False" for one in status["conditions"])


def _said(status: Node) -> str:
    said = [f"{one['reason'].text()}: {one['message'].text()}" for one in status["conditions"]
            if one["status"].text() != "True"]  # fmt: skip
    return "; ".join(said)[:300] or "no condition says why"


def _listener(gateway: Node, host: str) -> Node:
    fitting = [
        one
        for one in gateway.at("spec", "listeners")
        if one["protocol"].text() in _PROTOCOLS and covers(one["hostname"].text(), host)
    ]
    return min(fitting, key=lambda one: _PROTOCOLS[one["protocol"].text()], default=Node())


def covers(listener: str, host: str) -> bool:
    """Whether a listener's hostname takes a host: none takes all, `*.example.org` all below it."""
    return not listener or listener == host or (listener.startswith("*.") and host.endswith(listener[1:]))


def _unusable_now(gateway: str, why: str) -> SluicewayError:
    """It may be able to in a moment, so a way back is tried again."""
    refused = unusable(gateway, why)
    return SluicewayError(refused.code, refused.what, why=why, transient=True)
