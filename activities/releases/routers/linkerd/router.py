"""A mesh as a router: a service's traffic is an HTTPRoute of ours at the Service that its clients name.

Each client's proxy decides by itself. One of them is ours: a probe pod shows that the mesh's control plane has given
out a state, and the others, which got it in the same moment, have a fixed time for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from activities.releases.cluster_traffic import dialects
from activities.releases.cluster_traffic.counter_pages import CounterApi, Process, page
from activities.releases.cluster_traffic.data_plane import DataPlane, Requests, RouterAddress
from activities.releases.cluster_traffic.dialects import DIALECTS, Dialect, Named
from activities.releases.cluster_traffic.entry import Entry
from activities.releases.cluster_traffic.route_store import Kind
from activities.releases.cluster_traffic.router import ClusterRouter, Clusters, place_of
from activities.releases.cluster_traffic.version_services import VersionServices
from activities.releases.router_counters import Counters
from activities.releases.routers.linkerd import probes
from activities.releases.routers.linkerd.probe_pod import through_exec
from activities.releases.routers.port import Answer
from domain.clusters import metadata
from domain.core.documents import Node, Object
from domain.core.errors import RefusedError, SluicewayError
from domain.releases.capabilities import CAPABILITIES
from domain.releases.deployment import Deployment
from domain.releases.kubernetes import http_route, mesh_route, naming
from domain.releases.kubernetes.http_route import Edge, Rendered
from domain.releases.kubernetes.naming import TRAFFIC
from domain.releases.kubernetes.traffic import Traffic

IN_THE_MESH = "linkerd.io/control-plane-ns"
"""Label of every pod with Linkerd's proxy."""
COUNTERS_PORT = 4191
MAX_CLIENTS = 64
SETTLE_S = 2.0
"""After the probe's proxy has a state: for those of the clients, which nobody here can ask."""


@dataclass(frozen=True)
class MeshEntry:
    """A service's name inside of a cluster."""

    kube: CounterApi
    edge: Edge
    port: int

    kind = Kind(http_route.API, http_route.KIND)

    @property
    def names(self) -> tuple[str, ...]:
        return (self.edge.service, f"{self.edge.service}-preview")

    @property
    def preview_host(self) -> str:
        return mesh_route.host_of(self.names[1], self.edge.namespace)

    @property
    def probe(self) -> str:
        """`NAMESPACE/NAME` of its probe pod."""
        return f"{self.edge.namespace}/{mesh_route.probe_name(self.edge.service)}"

    def url(self, host: str) -> str:
        return f"http://{host}:{self.port}"

    def routers(self) -> list[RouterAddress]:
        """The probe pod, which sends requests to the Services' port."""
        return [RouterAddress(self.probe, self.port, shared=False)]

    def routes(self, traffic: Traffic, ports: dict[str, int]) -> list[Rendered]:
        return mesh_route.routes(traffic, self.edge, ports)

    def lacking(self, traffic: Traffic) -> list[str]:
        return mesh_route.lacking(traffic)

    def not_accepted(self, route: Object) -> str:
        return mesh_route.not_accepted(route)

    def counted(self, *deployments: Deployment) -> tuple[Dialect, list[Named]]:
        """As the proxies of the clients count: what they send to each version's Service."""
        named = [Named(self.edge.namespace, self.edge.service, naming.object_name(one)) for one in deployments]
        return DIALECTS["linkerd"], named

    def counters(self, *deployments: Deployment) -> list[Counters]:
        (dialect, versions), running = self.counted(*deployments), self._clients()
        pages = {one.name: page(self.kube, one, dialect.page) for one in running}
        return dialects.read(dialect, pages, versions)

    def _clients(self) -> list[Process]:
        """Of the whole cluster, where it may look, since clients may be anywhere."""
        try:
            pods = self.kube.items("v1", "Pod", "", IN_THE_MESH)
        except SluicewayError as refused:
            if refused.status != 403:
                raise
            pods = self.kube.items("v1", "Pod", self.edge.namespace, IN_THE_MESH)
        known = [metadata.full_name(one) for one in pods if Node(one).at("status", "phase").text() == "Running"]
        if not known or len(known) > MAX_CLIENTS:
            why = f"{len(known)} pods have its proxy, and up to {MAX_CLIENTS} are read" if known else "no pod has one"
            raise SluicewayError("SLW869", f"the mesh of {self.edge.service} has no counters that can be read", why=why)
        return [Process(name, name, "", COUNTERS_PORT) for name in sorted(known)]


@dataclass(frozen=True)
class MeshServices(VersionServices):
    """With the Services that clients name, which are the parents of the routes."""

    edge: Edge
    port: int

    def with_previews(self, instances: Iterable[str]) -> None:
        super().with_previews(instances)
        for one in mesh_route.parents(self.edge, [{"name": "http", "port": self.port, "protocol": "TCP"}]):
            self.kube.apply(one, manager=TRAFFIC)


class LinkerdRouter(ClusterRouter):
    """Its probe pod's image comes from the registered environment; the pod is there while there are two versions."""

    capabilities = CAPABILITIES["kubernetes", "linkerd"]

    def __init__(
        self,
        clusters: Clusters,
        plane: DataPlane | None = None,
        requests: Callable[[CounterApi], Requests] = through_exec,
    ) -> None:
        super().__init__(clusters, plane)
        self._requests = requests

    def entry(self, kube: CounterApi, deployment: Deployment) -> MeshEntry:
        space, service = place_of(deployment).namespace, deployment.service
        edge = Edge(
            service=service,
            namespace=space,
            labels=naming.service_labels(deployment),
            gateway="",
            host=mesh_route.host_of(service, space),
        )
        return MeshEntry(kube, edge, deployment.spec.port)

    def address(self, deployment: Deployment, *, preview: bool = False) -> str:
        """Inside of the cluster only."""
        name = f"{deployment.service}-preview" if preview else deployment.service
        host = mesh_route.host_of(name, place_of(deployment).namespace)
        self._hosts[host] = deployment
        return f"http://{host}:{deployment.spec.port}"

    async def refusals(self, deployment: Deployment) -> list[str]:
        """Also an environment without an image for the probe pod."""
        lacks = [] if place_of(deployment).probe else [_no_image(deployment).what]
        return [*lacks, *await super().refusals(deployment)]

    async def get(self, address: str, path: str) -> Answer:
        """Sent by the probe pod."""
        host = address.partition("://")[2].partition(":")[0]
        if host in self._hosts:
            await self._probed(self._hosts[host])
        return await super().get(address, path)

    def _plane_of(self, entry: Entry, deployment: Deployment) -> DataPlane:
        return replace(self._plane, requests=self._requests(self._kube(deployment)))

    def _services(self, deployment: Deployment) -> VersionServices:
        entry = self.entry(self._kube(deployment), deployment)
        return MeshServices(entry.kube, entry.edge.namespace, entry.edge.service, entry.edge, entry.port)

    async def _change(self, deployment: Deployment, how: Callable[[Traffic], Traffic], reach: str = "") -> None:
        """Then the proxies of the clients have their time, and a service with one version needs no probe any more."""
        entry = await self._probed(deployment)
        await super()._change(deployment, how, reach)
        await self._plane.clock.sleep(SETTLE_S)
        stored = await asyncio.to_thread(self._store(entry, deployment).stored, *entry.names)
        if len(stored.traffic.weights) < 2:
            await asyncio.to_thread(probes.end, entry.kube, entry.probe)

    async def _probed(self, deployment: Deployment) -> MeshEntry:
        image = place_of(deployment).probe
        if not image:
            raise _no_image(deployment)
        entry = self.entry(self._kube(deployment), deployment)
        await probes.ready(entry.kube, mesh_route.probe(entry.edge, image), self._plane.clock, self._plane.limit_s)
        return entry


def _no_image(deployment: Deployment) -> RefusedError:
    what = f"the environment {deployment.environment} names no image for the probe pod of {deployment.service}"
    return RefusedError("SLW860", what, fix="register it with `target: {kubernetes: {probe: IMAGE}}`")
