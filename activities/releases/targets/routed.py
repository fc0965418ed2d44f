"""What every platform of this machine shares: instances that listen on loopback ports, behind the router."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import replace

import httpx2

from activities.releases import connections
from activities.releases.port import Verified
from activities.releases.routers.traefik import Router, all_to, loopback
from activities.releases.routers.traefik_config import Route, service_name
from activities.releases.routers.traefik_metrics import parse
from domain.releases.deployment import Deployment
from domain.releases.spec import Check


class Routed(ABC):
    def __init__(self, router: Router) -> None:
        self._router = router

    @abstractmethod
    def ports(self, deployment: Deployment) -> tuple[int, ...]:
        """Of its instances, in the order in which they are kept when there are to be fewer.

        Raises:
            SluicewayError: SLW865, it does not run.
        """

    @abstractmethod
    async def resize(self, deployment: Deployment, instances: int) -> None:
        """Starts or stops instances; returns when as many as wanted are ready.

        Raises:
            NotReadyError: one was not ready in time.
        """

    async def scale(self, deployment: Deployment, instances: int) -> str:
        said = ""
        instances = instances or deployment.spec.instances
        ports = self.ports(deployment)
        if instances < len(ports):
            await self._use_ports(deployment, ports[:instances])
            said = await self._drain(deployment, ports[instances:])
        await self.resize(deployment, instances)
        await self._use_ports(deployment, self.ports(deployment))
        return said

    async def _use_ports(self, deployment: Deployment, ports: tuple[int, ...]) -> None:
        def change(route: Route) -> Route:
            return route.with_ports(deployment.instance, ports) if deployment.instance in route.versions else route

        await self._change(deployment, change)

    async def route(self, deployment: Deployment) -> str:
        if deployment.spec.router == "none":
            return ""
        await self._change(deployment, all_to(deployment.instance, self.ports(deployment)))
        return self._router.address(deployment.service, deployment.environment)

    async def shift(self, deployment: Deployment, other: Deployment, percent: float) -> str:
        if deployment.spec.router == "none":
            return ""
        ports, rest = self.ports(deployment), self.ports(other)

        def change(route: Route) -> Route:
            return replace(
                route.with_ports(deployment.instance, ports).with_ports(other.instance, rest),
                weights={deployment.instance: percent, other.instance: 100.0 - percent},
                routing=deployment.spec.rollout.routing,
                mirror="",
            )

        await self._change(deployment, change)
        return self._router.address(deployment.service, deployment.environment)

    async def preview(self, deployment: Deployment) -> str:
        ports, routing = self.ports(deployment), deployment.spec.rollout.routing

        def change(route: Route) -> Route:
            return replace(
                route.with_ports(deployment.instance, ports),
                preview=deployment.instance,
                routing=routing,
                mirror=deployment.instance if routing.mirror_percent else "",
            )

        await self._change(deployment, change)
        return self._router.address(deployment.service, deployment.environment, preview=True)

    async def check(self, deployment: Deployment, check: Check) -> str:
        preview = self._router.address(deployment.service, deployment.environment, preview=True)
        answer = await self._get(preview, check.path)
        if isinstance(answer, httpx2.HTTPError):
            return f"{check.path}: {answer or type(answer).__name__}"
        if answer.status_code != check.status:
            return f"{check.path} answers {answer.status_code}, and {check.status} is wanted"
        if check.contains not in answer.text:
            return f"{check.path} does not contain '{check.contains}'"
        return ""

    async def _get(self, address: str, path: str) -> httpx2.Response | httpx2.HTTPError:
        """One request to an address of the router, whose names need not resolve here."""
        headers = {"Host": address.removeprefix("http://").partition(":")[0]}
        try:
            async with loopback() as client:
                return await client.get(
                    f"http://127.0.0.1:{self._router.ports.web}{path or '/'}", headers=headers, timeout=10
                )
        except httpx2.HTTPError as broken:
            return broken

    async def verify(self, deployment: Deployment, other: Deployment, seconds: float) -> Verified:
        """The counters of both versions over a time, once the version before has drained.

        One request of ours is among them: a service that nobody uses just now can be verified too.
        """
        if deployment.spec.router == "none":
            return Verified(counted=False)
        drained_s, still_open = await connections.drained(self.ports(other), other.spec.drain_s)
        before = await self._requests(deployment, other)
        await self._get(
            self._router.address(deployment.service, deployment.environment), deployment.spec.readiness.http
        )
        await asyncio.sleep(seconds)
        after = await self._requests(deployment, other)
        # A router that was restarted meanwhile counts from nought again.
        new, old = (max(late - early, 0) for late, early in zip(after, before, strict=True))
        return Verified(new, old, seconds, drained_s, still_open)

    async def _requests(self, *deployments: Deployment) -> list[int]:
        names = [service_name(one.service, one.environment, one.instance) for one in deployments]
        found = parse(await self._router.metrics(), set(names))
        return [round(sum(found[name].requests.values())) if name in found else 0 for name in names]

    async def leave(self, deployment: Deployment) -> str:
        """Takes it out of the traffic, unless all of it is its; what was cut off."""
        route = self._router.route_of(deployment.service, deployment.environment)
        if deployment.instance not in route.versions or route.weights.get(deployment.instance, 0) >= 100:
            return ""
        ports = route.versions[deployment.instance]
        await self._change(deployment, lambda route: route.without(deployment.instance))
        return await self._drain(deployment, ports)

    async def _drain(self, deployment: Deployment, ports: tuple[int, ...]) -> str:
        took, left = await connections.drained(ports, deployment.spec.drain_s)
        if left:
            return f"{left} requests to {deployment.instance} were still open after {took:g} s, and are cut off"
        return ""

    async def _change(self, deployment: Deployment, how: Callable[[Route], Route]) -> None:
        if deployment.spec.router != "none":
            await self._router.change(deployment.service, deployment.environment, how)
