"""The gateway pods of an Istio Gateway: where requests come in, and where they are counted.

Source: https://istio.io/latest/docs/reference/config/networking/gateway/
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from activities.kubernetes.port import ApplyApi
from activities.releases.cluster_traffic import endpoints, named_gateway
from activities.releases.cluster_traffic.certificates import Listener
from activities.releases.cluster_traffic.counter_pages import Process, processes
from activities.releases.cluster_traffic.data_plane import RouterAddress
from domain.clusters import metadata
from domain.core.documents import Node, Object
from domain.releases.kubernetes.place import Place

API = "networking.istio.io/v1"
COUNTERS_PORT = 15090
"""Of every Envoy that Istio runs."""
_PROTOCOLS = {"HTTP": 0, "HTTP2": 0, "HTTPS": 1}
"""Servers that carry HTTP, the preferred ones first."""


@dataclass(frozen=True)
class Ingress:
    """Read from the API once a change; blocking."""

    kube: ApplyApi
    name: str
    """`NAMESPACE/NAME` of the Gateway."""
    port: int
    tls: bool
    services: tuple[Object, ...]
    """Services that choose the gateway's pods."""

    def url(self, host: str) -> str:
        """Of a host at its server."""
        scheme, usual = ("https", 443) if self.tls else ("http", 80)
        return f"{scheme}://{host}" + ("" if self.port == usual else f":{self.port}")

    def routers(self) -> list[RouterAddress]:
        """Its pods, and the addresses of load balancers before them."""
        own = [RouterAddress(one.address, one.port, self.tls, shared=False) for one in self._endpoints()]
        shared = [
            RouterAddress(one["ip"].text() or one["hostname"].text(), self.port, self.tls)
            for service in self.services
            for one in Node(service).at("status", "loadBalancer", "ingress")
        ]
        return own + shared

    def processes(self) -> list[Process]:
        """Its pods, at the port of Envoy's counters; what is no pod, at its Service's port `metrics`."""
        pods = {one.pod: one for one in self._endpoints() if one.pod}
        if not pods:
            return processes(self.kube, list(self.services))
        return [
            Process(name, f"{one.namespace}/{name}", one.address, COUNTERS_PORT) for name, one in sorted(pods.items())
        ]

    def _endpoints(self) -> Iterator[endpoints.Endpoint]:
        for service in self.services:
            for port in Node(service).at("spec", "ports"):
                if port["port"].whole() == self.port:
                    yield from endpoints.ready(self.kube, service, port["name"].text())


def find(kube: ApplyApi, place: Place, service: str) -> Ingress:
    """The Gateway that a registered environment names.

    Raises:
        RefusedError: SLW860, it is not there, has no server for this host, or no Service of its pods.
    """
    (name, found), host = named_gateway.read(kube, API, place), place.host_of(service)
    servers = [
        one
        for one in found.at("spec", "servers")
        if one.at("port", "protocol").text() in _PROTOCOLS and any(_covers(text, host) for text in one["hosts"].texts())
    ]
    server = min(servers, key=lambda one: _PROTOCOLS[one.at("port", "protocol").text()], default=Node())
    chosen = found.at("spec", "selector").strings()
    services = [one for one in kube.items("v1", "Service") if _chooses(one, chosen)] if server and chosen else []
    if not services:
        why = "it is not there" if not found else f"no server of it takes {host}" if not server else "it has no Service"
        raise named_gateway.unusable(name, why)
    port, tls = server.at("port", "number").whole(), server.at("port", "protocol").text() == "HTTPS"
    return Ingress(kube, name, port, tls, tuple(services))


def listeners(kube: ApplyApi, place: Place, service: str) -> Iterator[Listener]:
    """Servers that end TLS for a service's host by a Secret, which is beside the gateway's pods."""
    (name, found), host = named_gateway.read(kube, API, place), place.host_of(service)
    chosen = found.at("spec", "selector").strings()
    spaces = {metadata.namespace(one) for one in kube.items("v1", "Service") if _chooses(one, chosen)} if chosen else ()
    for one in found.at("spec", "servers"):
        secret = one.at("tls", "credentialName").text()
        if secret and any(_covers(text, host) for text in one["hosts"].texts()):
            named = one["port"]["name"].text(str(one["port"]["number"].whole()))
            yield Listener(f"server {named} of {name}", tuple(f"{each}/{secret}" for each in sorted(spaces)))


def _chooses(service: Object, pods: dict[str, str]) -> bool:
    """Whether a Service chooses by what the Gateway chooses its pods by."""
    selector = Node(service).at("spec", "selector").strings()
    return bool(selector) and pods.items() <= selector.items()


def _covers(text: str, host: str) -> bool:
    """`*`, `*.example.org`, and with a namespace before it, `./HOST` or `NAMESPACE/HOST`."""
    wanted = text.rpartition("/")[2]
    return wanted in ("*", host) or (wanted.startswith("*.") and host.endswith(wanted[1:]))
