"""Traefik as a router: traffic changes of a release as changes of a service's route."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import httpx2

from activities.releases import connections
from activities.releases.router_counters import Counters
from activities.releases.routers.port import Answer, Backend, Drained
from activities.releases.routers.traefik.config import Route, service_name
from activities.releases.routers.traefik.metrics import parse
from activities.releases.routers.traefik.process import Traefik, loopback
from domain.releases.capabilities import PROCESSES, Capability
from domain.releases.deployment import Deployment
from domain.releases.request_path import path_complaint

TIMEOUT_S = 10


class TraefikRouter:
    """Each change replaces the service's route; Traefik has confirmed it on return."""

    capabilities: frozenset[Capability] = PROCESSES

    def __init__(self, traefik: Traefik) -> None:
        self._traefik = traefik

    async def refusals(self, deployment: Deployment) -> list[str]:
        """None: linting knows what this router can."""
        return []

    async def drift(self, deployment: Deployment) -> list[str]:
        """None: its file is written whole at every change."""
        return []

    def address(self, deployment: Deployment, *, preview: bool = False) -> str:
        return self._traefik.address(deployment.service, deployment.environment, preview=preview)

    async def send_all(self, backend: Backend) -> None:
        """Also ends preview and mirroring."""
        name = backend.deployment.instance
        await self._change(
            backend.deployment,
            lambda route: replace(route.with_ports(name, backend.ports), weights={name: 100.0}, preview="", mirror=""),
        )

    async def split(self, backend: Backend, other: Backend, percent: float) -> None:
        """Also ends mirroring; header and cookie rules come from the new version's rollout."""
        new, old = backend.deployment, other.deployment

        def change(route: Route) -> Route:
            return replace(
                route.with_ports(new.instance, backend.ports).with_ports(old.instance, other.ports),
                weights={new.instance: percent, old.instance: 100.0 - percent},
                routing=new.spec.rollout.routing,
                mirror="",
            )

        await self._change(new, change)

    async def preview(self, backend: Backend) -> None:
        """Mirrors requests to it if the rollout says so (`mirror_percent`)."""
        name, routing = backend.deployment.instance, backend.deployment.spec.rollout.routing

        def change(route: Route) -> Route:
            mirror = name if routing.mirror_percent else ""
            return replace(route.with_ports(name, backend.ports), preview=name, routing=routing, mirror=mirror)

        await self._change(backend.deployment, change)

    async def update(self, backend: Backend) -> None:
        name = backend.deployment.instance
        await self._change(
            backend.deployment,
            lambda route: route.with_ports(name, backend.ports) if name in route.versions else route,
        )

    async def remove(self, deployment: Deployment) -> Backend | None:
        route = self._traefik.route_of(deployment.service, deployment.environment)
        if deployment.instance not in route.versions or route.weights.get(deployment.instance, 0) >= 100:
            return None
        await self._change(deployment, lambda route: route.without(deployment.instance))
        return Backend(deployment, route.versions[deployment.instance])

    async def drained(self, backend: Backend, limit_s: float) -> Drained:
        """By the kernel's table of connections: idle ones are closed after a second."""
        return Drained(*await connections.drained(backend.ports, limit_s))

    async def counters(self, *deployments: Deployment) -> list[Counters]:
        names = [service_name(one.service, one.environment, one.instance) for one in deployments]
        found = parse(await self._traefik.metrics(), set(names))
        return [found.get(name, Counters()) for name in names]

    async def get(self, address: str, path: str) -> Answer:
        """Sent to the entry point on loopback with the address as Host; a failure is an answer with `error`."""
        if wrong := path_complaint(path):
            return Answer(error=wrong)
        headers = {"Host": address.removeprefix("http://").partition(":")[0]}
        url = f"http://127.0.0.1:{self._traefik.ports.web}{path or '/'}"
        try:
            async with loopback() as client:
                answer = await client.get(url, headers=headers, timeout=TIMEOUT_S)
        except httpx2.HTTPError as broken:
            return Answer(error=str(broken) or type(broken).__name__)
        return Answer(answer.status_code, answer.text)

    async def _change(self, deployment: Deployment, how: Callable[[Route], Route]) -> None:
        await self._traefik.change(deployment.service, deployment.environment, how)
