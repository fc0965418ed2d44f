"""Istio as a router: a service's traffic is a whole VirtualService of ours at the Gateway of its environment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from activities.releases.cluster_traffic import dialects
from activities.releases.cluster_traffic.certificates import Listener
from activities.releases.cluster_traffic.counter_pages import CounterApi, page
from activities.releases.cluster_traffic.data_plane import RouterAddress
from activities.releases.cluster_traffic.dialects import DIALECTS, Dialect, Named
from activities.releases.cluster_traffic.route_store import Kind
from activities.releases.cluster_traffic.router import ClusterRouter, at_gateway
from activities.releases.router_counters import Counters
from activities.releases.routers.istio import ingress as ingresses
from activities.releases.routers.istio.ingress import Ingress
from domain.core.documents import Object
from domain.core.errors import SluicewayError
from domain.releases.deployment import Deployment
from domain.releases.kubernetes import naming, virtual_service
from domain.releases.kubernetes.http_route import Edge, Rendered
from domain.releases.kubernetes.traffic import Traffic


@dataclass(frozen=True)
class IstioEntry:
    """A service's host at an Istio Gateway."""

    kube: CounterApi
    ingress: Ingress
    edge: Edge

    kind = Kind(virtual_service.API, virtual_service.KIND)

    @property
    def names(self) -> tuple[str, ...]:
        return (self.edge.service, f"{self.edge.service}-preview")

    @property
    def preview_host(self) -> str:
        return self.edge.preview_host

    def url(self, host: str) -> str:
        return self.ingress.url(host)

    def routers(self) -> list[RouterAddress]:
        return self.ingress.routers()

    def routes(self, traffic: Traffic, ports: dict[str, int]) -> list[Rendered]:
        return virtual_service.routes(traffic, replace(self.edge, ports=ports))

    def lacking(self, traffic: Traffic) -> list[str]:
        """Nothing: mirror, percentages and headers of an answer are in every Envoy."""
        return []

    def not_accepted(self, route: Object) -> str:
        """Never: Istio says nothing about a VirtualService unless it is told to. The sign alone counts."""
        return ""

    def counted(self, *deployments: Deployment) -> tuple[Dialect, list[Named]]:
        named = [Named(self.edge.namespace, self.edge.service, naming.object_name(one)) for one in deployments]
        return DIALECTS["istio"], named

    def counters(self, *deployments: Deployment) -> list[Counters]:
        (dialect, versions), running = self.counted(*deployments), self.ingress.processes()
        if not running:
            raise SluicewayError(
                "SLW869", f"the Gateway {self.ingress.name} has no processes whose counters can be read"
            )
        pages = {one.name: page(self.kube, one, dialect.page) for one in running}
        return dialects.read(dialect, pages, versions)


class IstioRouter(ClusterRouter):
    """The Gateway, of Istio's kind, comes from the registered environment."""

    def listeners(self, kube: CounterApi, deployment: Deployment) -> Iterable[Listener]:
        return ingresses.listeners(kube, at_gateway(deployment), deployment.service)

    def entry(self, kube: CounterApi, deployment: Deployment) -> IstioEntry:
        place = at_gateway(deployment)
        ingress = ingresses.find(kube, place, deployment.service)
        edge = Edge(
            service=deployment.service,
            namespace=place.namespace,
            labels=naming.service_labels(deployment),
            gateway=ingress.name,
            host=place.host_of(deployment.service),
        )
        return IstioEntry(kube, ingress, edge)
