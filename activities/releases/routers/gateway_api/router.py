"""Gateway API as a router: a service's traffic is a whole HTTPRoute of ours at the Gateway of its environment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from activities.releases.cluster_traffic import dialects
from activities.releases.cluster_traffic.certificates import Listener
from activities.releases.cluster_traffic.counter_pages import CounterApi, page, processes
from activities.releases.cluster_traffic.data_plane import RouterAddress
from activities.releases.cluster_traffic.dialects import CONTROLLERS, DIALECTS, Dialect, Named
from activities.releases.cluster_traffic.route_store import Kind
from activities.releases.cluster_traffic.router import ClusterRouter, at_gateway
from activities.releases.router_counters import Counters
from activities.releases.routers.gateway_api import gateway as gateways
from activities.releases.routers.gateway_api.gateway import Gateway
from domain.core.documents import Node, Object
from domain.core.errors import SluicewayError
from domain.releases.deployment import Deployment
from domain.releases.kubernetes import http_route, naming
from domain.releases.kubernetes.http_route import Edge, Rendered
from domain.releases.kubernetes.traffic import Traffic

PER_BACKEND = "envoy-gateway"
"""The dialect that counts the backends of a rule together, unless each has a filter of its own."""


@dataclass(frozen=True)
class GatewayEntry:
    """A service's host at a Gateway."""

    kube: CounterApi
    gateway: Gateway
    edge: Edge

    kind = Kind(http_route.API, http_route.KIND)

    @property
    def names(self) -> tuple[str, ...]:
        return (self.edge.service, f"{self.edge.service}-preview")

    @property
    def preview_host(self) -> str:
        return self.edge.preview_host

    def url(self, host: str) -> str:
        return self.gateway.url(host)

    def routers(self) -> list[RouterAddress]:
        return self.gateway.routers()

    def routes(self, traffic: Traffic, ports: dict[str, int]) -> list[Rendered]:
        return http_route.routes(traffic, self.edge, ports)

    def lacking(self, traffic: Traffic) -> list[str]:
        return http_route.lacking(traffic, self.edge.features)

    def not_accepted(self, route: Object) -> str:
        return gateways.not_accepted(route, self.gateway)

    def counted(self, *deployments: Deployment) -> tuple[Dialect, list[Named]]:
        name = CONTROLLERS.get(self.gateway.controller)
        if name is None:
            raise self._uncounted("how this controller counts is not known")
        return DIALECTS[name], [self._named(one) for one in deployments]

    def counters(self, *deployments: Deployment) -> list[Counters]:
        dialect, versions = self.counted(*deployments)
        running = processes(self.kube, self.gateway.own("Service"))
        if not running:
            raise self._uncounted("no Service of it has a port `metrics`")
        pages = {one.name: page(self.kube, one, dialect.page) for one in running}
        return dialects.read(dialect, pages, versions)

    def _uncounted(self, why: str) -> SluicewayError:
        return SluicewayError("SLW869", f"{self.gateway.controller} has no counters that can be read", why=why)

    def _named(self, deployment: Deployment) -> Named:
        service = naming.object_name(deployment)
        place = self._place(service) if self.edge.per_backend else ""
        return Named(self.edge.namespace, self.edge.service, service, place)

    def _place(self, service: str) -> str:
        """`RULE/BACKEND` in the last rule, the service's own, of the route as it is now."""
        route = self.kube.get(self.kind.api_version, self.kind.name, self.edge.service, self.edge.namespace)
        rules = list(Node(route).at("spec", "rules"))
        backends = list(rules[-1]["backendRefs"]) if rules else []
        return next((f"{len(rules) - 1}/{i}" for i, one in enumerate(backends) if one["name"].text() == service), "")


class GatewayApiRouter(ClusterRouter):
    """The Gateway comes from the registered environment; what it can is read from its class."""

    def listeners(self, kube: CounterApi, deployment: Deployment) -> Iterable[Listener]:
        return gateways.listeners(kube, at_gateway(deployment), deployment.service)

    def entry(self, kube: CounterApi, deployment: Deployment) -> GatewayEntry:
        place = at_gateway(deployment)
        gateway = gateways.find(kube, place, deployment.service)
        edge = Edge(
            service=deployment.service,
            namespace=place.namespace,
            labels=naming.service_labels(deployment),
            gateway=f"{gateway.namespace}/{gateway.name}",
            host=place.host_of(deployment.service),
            features=gateway.features,
            per_backend=CONTROLLERS.get(gateway.controller) == PER_BACKEND,
        )
        return GatewayEntry(kube, gateway, edge)
