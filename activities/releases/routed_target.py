"""The base of this machine's targets: instances on loopback ports, behind a router."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Mapping

from activities.releases import connections
from activities.releases.port import Verified
from activities.releases.routers.port import Backend, Router
from domain.releases.capabilities import Capability
from domain.releases.deployment import Deployment
from domain.releases.spec import Check


class Routed(ABC):
    """Translates actions to traffic changes by port; a target starts, stops and counts its instances."""

    def __init__(self, routers: Mapping[str, Router]) -> None:
        self._routers = routers

    @abstractmethod
    def ports(self, deployment: Deployment) -> tuple[int, ...]:
        """Ports of its instances; a scale-down keeps the first ones.

        Raises:
            SluicewayError: SLW865, it does not run.
        """

    @abstractmethod
    async def resize(self, deployment: Deployment, instances: int) -> None:
        """Starts or stops instances; returns when the wanted number is ready.

        Raises:
            NotReadyError: one was not ready in time.
        """

    def _router(self, deployment: Deployment) -> Router:
        return self._routers[deployment.spec.router]

    def _backend(self, deployment: Deployment) -> Backend:
        return Backend(deployment, self.ports(deployment))

    async def scale(self, deployment: Deployment, instances: int) -> str:
        """Down: the last ports leave the router and drain first. Up: new ones join it when ready."""
        said, router = "", self._router(deployment)
        instances = instances or deployment.spec.instances
        ports = self.ports(deployment)
        if instances < len(ports):
            await router.set_ports(Backend(deployment, ports[:instances]))
            said = await self._drain(deployment, ports[instances:])
        await self.resize(deployment, instances)
        await router.set_ports(self._backend(deployment))
        return said

    async def route(self, deployment: Deployment) -> str:
        router = self._router(deployment)
        await router.send_all(self._backend(deployment))
        return router.address(deployment)

    async def shift(self, deployment: Deployment, other: Deployment, percent: float) -> str:
        router = self._router(deployment)
        await router.split(self._backend(deployment), self._backend(other), percent)
        return router.address(deployment)

    async def preview(self, deployment: Deployment) -> str:
        router = self._router(deployment)
        await router.preview(self._backend(deployment))
        return router.address(deployment, preview=True)

    async def check(self, deployment: Deployment, check: Check) -> str:
        router = self._router(deployment)
        answer = await router.get(router.address(deployment, preview=True), check.path)
        if answer.error:
            return f"{check.path}: {answer.error}"
        if answer.status != check.status:
            return f"{check.path} answered {answer.status}, expected {check.status}"
        if check.contains not in answer.text:
            return f"{check.path} does not contain '{check.contains}'"
        return ""

    async def verify(self, deployment: Deployment, other: Deployment, seconds: float) -> Verified:
        """The counters of both versions over some time, once the previous version has drained.

        Includes a test request: a service without traffic can be verified too.
        """
        router = self._router(deployment)
        if Capability.COUNTERS not in router.capabilities:
            return Verified(counted=False)
        drained_s, still_open = await connections.drained(self.ports(other), other.spec.drain_s)
        before = await router.requests(deployment, other)
        await router.get(router.address(deployment), deployment.spec.readiness.http)
        await asyncio.sleep(seconds)
        after = await router.requests(deployment, other)
        # A router restarted meanwhile counts from zero.
        new, old = (max(late - early, 0) for late, early in zip(after, before, strict=True))
        return Verified(new, old, seconds, drained_s, still_open)

    async def leave(self, deployment: Deployment) -> str:
        """Removes it from the traffic, unless it has all of it; returns the number of dropped requests."""
        ports = await self._router(deployment).remove(deployment)
        return await self._drain(deployment, ports) if ports else ""

    async def _drain(self, deployment: Deployment, ports: tuple[int, ...]) -> str:
        took, left = await connections.drained(ports, deployment.spec.drain_s)
        if left:
            return f"{left} requests to {deployment.instance} were still open after {took:g} s, and were cut off"
        return ""
