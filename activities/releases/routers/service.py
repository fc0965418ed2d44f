"""Plain Services as a router: for clusters without a Gateway, and said as what it is.

Shares are those of pods, connections that are kept stay with their version, and no change can be confirmed: after the
endpoints are right, each waits a fixed time.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable

from activities.kubernetes.port import ApplyApi
from activities.releases.clock import Clock, RealClock
from activities.releases.cluster_traffic.counter_pages import CounterApi
from activities.releases.cluster_traffic.route_store import Kind, RouteStore, Stored
from activities.releases.cluster_traffic.router import Clusters, place_of
from activities.releases.cluster_traffic.version_services import VersionServices
from activities.releases.router_counters import Counters
from activities.releases.routers.port import Answer, Backend, Drained
from domain.clusters import metadata
from domain.core.documents import Manifest, Node
from domain.core.errors import RefusedError, SluicewayError
from domain.releases.capabilities import Capability
from domain.releases.deployment import Deployment
from domain.releases.kubernetes import naming
from domain.releases.kubernetes.plain_service import preview_name, services
from domain.releases.kubernetes.traffic import PARTS, Traffic
from domain.releases.request_path import path_complaint

SETTLE_S = 10.0
"""After a change: longer than nodes take to renew their rules. Nothing shows that they have."""
LIMIT_S, POLL_S = 60.0, 0.2
_KIND = Kind("v1", "Service")


class ServiceRouter:
    """Chooses pods by the labels of their release."""

    capabilities = frozenset({Capability.WEIGHTS, Capability.PREVIEW, Capability.SCALE, Capability.ENFORCE})

    def __init__(self, clusters: Clusters, clock: Clock | None = None) -> None:
        self._clusters, self._clock = clusters, clock or RealClock()
        self._locks: dict[tuple[str, str, str], asyncio.Lock] = defaultdict(asyncio.Lock)
        self._known: dict[str, Deployment] = {}

    async def refusals(self, deployment: Deployment) -> list[str]:
        """None: linting knows what it can."""
        return []

    async def drift(self, deployment: Deployment) -> list[str]:
        """In the server's words, which name manager and field."""

        def look() -> list[str]:
            store = self._store(deployment)
            stored = self._stored(store, deployment)
            return store.differing(self._wanted(stored.traffic, deployment), stored)

        return await asyncio.to_thread(look)

    async def restore(self, deployment: Deployment) -> None:
        """See `Restores`."""
        await self._change(deployment, lambda traffic: traffic)

    async def is_gone(self, deployment: Deployment) -> bool:
        """See `Restores`."""
        stored = await asyncio.to_thread(lambda: self._stored(self._store(deployment), deployment))
        return not stored.traffic.weights

    async def lead_again(self, deployment: Deployment) -> None:
        """See `Restores`."""
        await self._change(deployment, lambda traffic: traffic.led_to(deployment.instance))

    def address(self, deployment: Deployment, *, preview: bool = False) -> str:
        """Inside the cluster only."""
        name = preview_name(deployment.service) if preview else deployment.service
        made = f"http://{name}.{place_of(deployment).namespace}.svc:{deployment.spec.port}"
        self._known[made] = deployment
        return made

    async def send_all(self, backend: Backend) -> None:
        """Also ends its preview."""
        await self._change(backend.deployment, lambda traffic: traffic.all_to(backend.deployment.instance))

    async def split(self, backend: Backend, other: Backend, percent: float) -> None:
        """To every pod of both versions alike: how many there are of each is the share."""
        new, old = backend.deployment, other.deployment
        routing = new.spec.rollout.routing
        await asyncio.to_thread(self._only, new, {new.instance, old.instance})
        await self._change(new, lambda traffic: traffic.split(new.instance, old.instance, percent, routing))

    async def preview(self, backend: Backend) -> None:
        new = backend.deployment
        await self._change(new, lambda traffic: traffic.previewed(new.instance, new.spec.rollout.routing))

    async def update(self, backend: Backend) -> None:
        """Nothing to do: Services know their pods."""

    async def remove(self, deployment: Deployment) -> Backend | None:
        stored = await asyncio.to_thread(lambda: self._stored(self._store(deployment), deployment))
        parts = stored.traffic.weights.get(deployment.instance)
        if parts is None or parts == PARTS:
            return None
        await self._change(deployment, lambda traffic: traffic.without(deployment.instance))
        return Backend(deployment)

    async def drained(self, backend: Backend, limit_s: float) -> Drained:
        """After the limit: nobody counts its requests. Its pods answer until their grace period is over."""
        await self._clock.sleep(limit_s)
        return Drained(limit_s)

    async def counters(self, *deployments: Deployment) -> list[Counters]:
        """Zeros for each: nothing counts them."""
        return [Counters() for _ in deployments]

    async def get(self, address: str, path: str) -> Answer:
        """Through the API server's proxy to the Service: its address is inside the cluster."""
        deployment = self._known.get(address)
        if deployment is None:
            return Answer(error=f"{address} is no service's address here")
        if wrong := path_complaint(path):  # it would lead out of the proxy, into the API with the engine's rights
            return Answer(error=wrong)
        name = address.removeprefix("http://").partition(".")[0]
        space = place_of(deployment).namespace
        where = f"/api/v1/namespaces/{space}/services/{name}:{deployment.spec.port}/proxy{path or '/'}"
        try:
            return Answer(200, await asyncio.to_thread(self._kube(deployment).raw, where))
        except SluicewayError as refused:
            return Answer(refused.status, refused.why) if refused.status else Answer(error=refused.why or refused.what)

    # -- inside -------------------------------------------------------------------------------------------------------

    def _kube(self, deployment: Deployment) -> CounterApi:
        return self._clusters(place_of(deployment).cluster)

    def _store(self, deployment: Deployment) -> RouteStore:
        return RouteStore(self._kube(deployment), _KIND, place_of(deployment).namespace, naming.of_service(deployment))

    def _stored(self, store: RouteStore, deployment: Deployment) -> Stored:
        return store.stored(deployment.service, preview_name(deployment.service))

    def _wanted(self, traffic: Traffic, deployment: Deployment) -> list[Manifest]:
        leading = [*(name for name, parts in traffic.weights.items() if parts), traffic.preview]
        leading = [name for name in leading if name]
        if not leading:
            return []
        versions = self._versions(deployment)
        gone = versions.gone(leading)
        ports = versions.wire(next((name for name in leading if name not in gone), leading[0]))
        return services(traffic, deployment, place_of(deployment).namespace, ports)

    def _versions(self, deployment: Deployment) -> VersionServices:
        return VersionServices(self._kube(deployment), place_of(deployment).namespace, deployment.service)

    def _only(self, deployment: Deployment, instances: set[str]) -> None:
        """A split reaches every pod of the service: none of another version may be there, and all answer alike."""
        wires = [self._versions(deployment).wire(one) for one in sorted(instances)]
        if any(wire != wires[0] for wire in wires):
            raise RefusedError("SLW877", "both versions answer at different ports: a plain Service has one for all")
        space = place_of(deployment).namespace
        labels = ",".join(f"{name}={value}" for name, value in naming.of_service(deployment).items())
        allowed = {f"{deployment.service}-{one}" for one in instances}
        for pod in self._kube(deployment).items("v1", "Pod", space, labels):
            if (owner := metadata.labels(pod).get("app.kubernetes.io/instance", "")) not in allowed:
                what = f"pods of {owner} would get requests too: a plain Service cannot leave them out of a split"
                raise RefusedError("SLW877", what)

    async def _change(self, deployment: Deployment, how: Callable[[Traffic], Traffic]) -> None:
        place = place_of(deployment)
        async with self._locks[place.cluster, place.namespace, deployment.service]:
            wanted = await asyncio.to_thread(self._write, deployment, how)
            await self._chosen(deployment, wanted)
            await self._clock.sleep(SETTLE_S)

    def _write(self, deployment: Deployment, how: Callable[[Traffic], Traffic]) -> list[Manifest]:
        store = self._store(deployment)
        stored = self._stored(store, deployment)
        after = how(stored.traffic).bounded()
        traffic = stored.traffic if after.same_as(stored.traffic) else after.next_after(stored.traffic)
        wanted = self._wanted(traffic, deployment)
        kept = {metadata.name(one) for one in wanted}
        for one in wanted:
            store.write(one, stored.versions.get(metadata.name(one), ""))
        for name in set(stored.versions) - kept:
            store.remove(name)
        return wanted

    async def _chosen(self, deployment: Deployment, wanted: list[Manifest]) -> None:
        """Returns when each Service has ready endpoints: necessary, and not enough."""
        kube, space = self._kube(deployment), place_of(deployment).namespace
        deadline = self._clock.now() + LIMIT_S
        for name in map(metadata.name, wanted):
            while not await asyncio.to_thread(_answers, kube, space, name):
                if self._clock.now() > deadline:
                    raise SluicewayError("SLW878", f"the Service {name} has no ready endpoints", transient=True)
                await self._clock.sleep(POLL_S)


def _answers(kube: ApplyApi, space: str, name: str) -> bool:
    slices = kube.items("discovery.k8s.io/v1", "EndpointSlice", space, f"kubernetes.io/service-name={name}")
    return any(
        one["conditions"]["ready"].value is not False and one["addresses"]
        for each in slices
        for one in Node(each)["endpoints"]
    )
