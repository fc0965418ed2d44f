"""A router whose routes are objects of a cluster, whatever their kind."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager

from activities.releases.cluster_traffic import certificates
from activities.releases.cluster_traffic import prometheus as scraped
from activities.releases.cluster_traffic.certificates import Listener
from activities.releases.cluster_traffic.change import Change
from activities.releases.cluster_traffic.counter_pages import CounterApi
from activities.releases.cluster_traffic.data_plane import DataPlane
from activities.releases.cluster_traffic.entry import Entry
from activities.releases.cluster_traffic.handover import Handover
from activities.releases.cluster_traffic.route_store import ChangedMeanwhileError, RouteStore
from activities.releases.cluster_traffic.version_services import VersionServices
from activities.releases.cluster_traffic.way_in import way_in
from activities.releases.router_counters import Counters
from activities.releases.routers.port import Answer, Backend, Drained, Listened
from domain.core.documents import Object
from domain.core.errors import RefusedError, SluicewayError
from domain.releases.capabilities import Capability
from domain.releases.deployment import Deployment
from domain.releases.kubernetes import naming
from domain.releases.kubernetes.place import Place
from domain.releases.kubernetes.traffic import PARTS, Traffic

Clusters = Callable[[str], CounterApi]
"""Opens a cluster by its name; SLW952: it is unknown."""
TRIES = 5
_Key = tuple[str, str, str]
STILL_S = 2.0
"""How long a version's counters stand still before it is taken away."""


def no_clusters(name: str) -> CounterApi:
    """For who has none.

    Raises:
        SluicewayError: SLW952, always.
    """
    raise SluicewayError("SLW952", f"unknown cluster {name}")


class ClusterRouter(ABC):
    """A router whose routes are objects of a cluster; an adapter says where requests come in."""

    capabilities: frozenset[Capability] = frozenset(Capability)

    def __init__(self, clusters: Clusters, plane: DataPlane | None = None) -> None:
        self._clusters = clusters
        self._plane = plane or DataPlane()
        self._locks: dict[_Key, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._seen: dict[_Key, Entry] = {}
        self._hosts: dict[str, Deployment] = {}

    @abstractmethod
    def entry(self, kube: CounterApi, deployment: Deployment) -> Entry:
        """Where its requests come in; blocking.

        Raises:
            SluicewayError: SLW860, nowhere.
        """

    def listeners(self, kube: CounterApi, deployment: Deployment) -> Iterable[Listener]:
        """Those that end TLS for its host; blocking. None, where clients reach it without."""
        return ()

    async def listened(self, deployment: Deployment) -> Listened:
        """See `Listens`. Where no Gateway can carry it, `refusals` says so."""
        kube, now = self._kube(deployment), self._plane.clock.now()
        host = place_of(deployment).host_of(deployment.service)
        try:
            return await asyncio.to_thread(lambda: certificates.look(kube, self.listeners(kube, deployment), host, now))
        except RefusedError:
            return Listened()

    async def refusals(self, deployment: Deployment) -> list[str]:
        """By what the class says of itself, and by whether its counters can be read when they are to judge."""
        rollout = deployment.spec.rollout
        split = Traffic().all_to("old").split("new", "old", 50, rollout.routing)
        try:
            entry = await self._entry(deployment)
            lacking = entry.lacking(split.previewed("new", rollout.routing))
            if rollout.judged and deployment.spec.strategy != "recreate":
                await asyncio.to_thread(self._counted, entry, deployment)
        except SluicewayError as refused:
            return [": ".join(word for word in (refused.what, refused.why) if word)]
        return [f"routing: the router lacks {', '.join(lacking)}"] if lacking else []

    def address(self, deployment: Deployment, *, preview: bool = False) -> str:
        """Of the registered host, with the port where its requests came in at the last look."""
        host = place_of(deployment).host_of(deployment.service)
        host = f"preview.{host}" if preview else host
        self._hosts[host] = deployment
        seen = self._seen.get(_key(deployment))
        return seen.url(host) if seen else f"http://{host}"

    async def send_all(self, backend: Backend) -> None:
        """Also ends preview and mirroring."""
        await self._change(backend.deployment, lambda traffic: traffic.all_to(backend.deployment.instance))

    async def split(self, backend: Backend, other: Backend, percent: float) -> None:
        """Also ends mirroring; header and cookie come from the new version's rollout."""
        new, old = backend.deployment, other.deployment
        routing = new.spec.rollout.routing
        await self._change(new, lambda traffic: traffic.split(new.instance, old.instance, percent, routing))

    async def preview(self, backend: Backend) -> None:
        """Returns when every router process reaches the version, so a weight later finds its endpoints known."""
        new = backend.deployment
        routing = new.spec.rollout.routing
        await self._change(new, lambda traffic: traffic.previewed(new.instance, routing), reach=new.instance)

    async def update(self, backend: Backend) -> None:  # noqa: B027  (the port has it, and nothing is left to an adapter)
        """Nothing to do: the version's Service knows its pods."""

    async def remove(self, deployment: Deployment) -> Backend | None:
        """Not removed: a version with all requests, and one without a route."""
        entry = await self._entry(deployment)
        stored = await asyncio.to_thread(self._store(entry, deployment).stored, *entry.names)
        parts = stored.traffic.weights.get(deployment.instance)
        if parts is None or parts == PARTS:
            return None
        await self._change(deployment, lambda traffic: traffic.without(deployment.instance))
        return Backend(deployment)

    async def restore(self, deployment: Deployment) -> None:
        """See `Restores`."""
        await self._change(deployment, lambda traffic: traffic)

    async def is_gone(self, deployment: Deployment) -> bool:
        """See `Restores`."""
        entry = await self._entry(deployment)
        stored = await asyncio.to_thread(self._store(entry, deployment).stored, *entry.names)
        return not stored.traffic.weights

    async def lead_again(self, deployment: Deployment) -> None:
        """A release that has led the traffic meanwhile is not undone."""
        await self._change(deployment, lambda traffic: traffic.led_to(deployment.instance))

    async def take_over(self, backend: Backend, former: Object | None) -> None:
        """See `HandsOver`."""
        handover = await self._handover(backend.deployment, former)
        await handover.take_over(lambda: self.send_all(backend))

    async def hand_back(self, deployment: Deployment, former: Object | None) -> None:
        """See `HandsOver`."""
        await (await self._handover(deployment, former)).hand_back()

    async def _handover(self, deployment: Deployment, former: Object | None) -> Handover:
        entry = await self._entry(deployment)
        store, name = self._store(entry, deployment), naming.object_name(deployment)
        return Handover(entry, store, self._plane, deployment.instance, former, name)

    async def drained(self, backend: Backend, limit_s: float) -> Drained:
        """Its counters stand still for as long as its slowest request so far took, and for two seconds at least.

        A request is counted when it ends, and routers do not count open ones by version. Where they are scraped, what
        was scraped before says nothing, and the same scrape twice is not standing still.
        """
        clock = self._plane.clock
        began = clock.now()
        last, still_since, moved = -1, began, 0
        while True:
            asked = clock.now()
            (counters,) = await self.counters(backend.deployment)
            now, counted_at = clock.now(), asked - counters.age_s
            if counted_at >= began:
                if counters.answered != last:
                    moved = counters.answered - last if last >= 0 else 0
                    last, still_since = counters.answered, counted_at
                if counted_at - still_since >= min(max(STILL_S, counters.slowest_s), limit_s):
                    return Drained(round(now - began, 3))
            if now - began > limit_s + STILL_S + (scraped.LATE_S if counters.at else 0):
                return Drained(round(now - began, 3), max(moved, 0))
            await clock.sleep(STILL_S / (2 if counters.at else 8))

    async def counters(self, *deployments: Deployment) -> list[Counters]:
        if not deployments:
            return []
        entry = await self._entry(deployments[0])
        return await asyncio.to_thread(self._counted, entry, *deployments)

    async def get(self, address: str, path: str) -> Answer:
        """Sent to the first router that answers; the address comes from `address`."""
        host = address.partition("://")[2].partition(":")[0]
        if host not in self._hosts:
            return Answer(error=f"{host} is no service's host here")
        entry = await self._entry(self._hosts[host])
        plane, answer = self._plane_of(entry, self._hosts[host]), Answer(error="the Gateway has no address")
        for to in await asyncio.to_thread(entry.routers):
            answer = await plane.requests(to, host, path)
            if not answer.error:
                break
        return answer

    @asynccontextmanager
    async def leading(self, address: str) -> AsyncIterator[str]:
        """Through the routers that requests come in by."""
        host = address.partition("://")[2].partition(":")[0]
        deployment = self._hosts.get(host)
        if deployment is None:
            raise RefusedError("SLW860", f"{host} is no service's host here")
        entry = await self._entry(deployment)
        async with way_in(await asyncio.to_thread(entry.routers), host) as there:
            yield there

    async def drift(self, deployment: Deployment) -> list[str]:
        """In the server's words, which name manager and field."""
        entry = await self._entry(deployment)
        store, services = self._store(entry, deployment), self._services(deployment)

        def look() -> list[str]:
            stored = store.stored(*entry.names)
            traffic = stored.traffic
            wanted = entry.routes(traffic, services.ports(traffic.weights)) if traffic.weights else []
            return store.differing((one.manifest for one in wanted), stored)

        return await asyncio.to_thread(look)

    # -- inside -------------------------------------------------------------------------------------------------------

    def _counted(self, entry: Entry, *deployments: Deployment) -> list[Counters]:
        """Of the first one's place, where all of them are."""
        prometheus = place_of(deployments[0]).counters
        if prometheus is None:
            return entry.counters(*deployments)
        ask = scraped.through(self._kube(deployments[0]), prometheus)
        return scraped.read(ask, prometheus, *entry.counted(*deployments))

    async def _entry(self, deployment: Deployment) -> Entry:
        found = await asyncio.to_thread(lambda: self.entry(self._kube(deployment), deployment))
        self._seen[_key(deployment)] = found
        return found

    def _kube(self, deployment: Deployment) -> CounterApi:
        return self._clusters(place_of(deployment).cluster)

    def _plane_of(self, entry: Entry, deployment: Deployment) -> DataPlane:
        """How its data plane is asked; an adapter may have another way in."""
        return self._plane

    def _store(self, entry: Entry, deployment: Deployment) -> RouteStore:
        return RouteStore(
            self._kube(deployment), entry.kind, place_of(deployment).namespace, naming.of_service(deployment)
        )

    def _services(self, deployment: Deployment) -> VersionServices:
        return VersionServices(self._kube(deployment), place_of(deployment).namespace, deployment.service)

    async def _change(self, deployment: Deployment, how: Callable[[Traffic], Traffic], reach: str = "") -> None:
        """Once more when another worker wrote meanwhile: the change is made to what stands then."""
        async with self._locks[_key(deployment)]:
            for left in reversed(range(TRIES)):
                try:
                    entry = await self._entry(deployment)
                    services, plane = self._services(deployment), self._plane_of(entry, deployment)
                    change = Change(entry, self._store(entry, deployment), services, plane)
                    await change.make(how, reach, deployment.spec.readiness.http)
                    break
                except ChangedMeanwhileError:
                    if not left:
                        raise


def place_of(deployment: Deployment) -> Place:
    """Where it is released to.

    Raises:
        RefusedError: SLW860, its definition names no cluster.
    """
    if deployment.spec.kubernetes is None:
        raise RefusedError("SLW860", f"{deployment.service} is not released to a cluster, so it has no route in one")
    return deployment.spec.kubernetes.place


def _key(deployment: Deployment) -> _Key:
    place = place_of(deployment)
    return place.cluster, place.namespace, deployment.service


def at_gateway(deployment: Deployment) -> Place:
    """Where it is released to, for a router that needs a Gateway and a host there.

    Raises:
        RefusedError: SLW860, the registered environment names none.
    """
    place = place_of(deployment)
    if not place.gateway or not place.host_of(deployment.service):
        what = f"the environment {deployment.environment} names no gateway, or no host, for {deployment.service}"
        raise RefusedError("SLW860", what, fix="register it with `target: {kubernetes: {gateway: …, host: …}}`")
    return place
