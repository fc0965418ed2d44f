"""The order of traffic actions that every target with a router keeps."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Mapping

from activities.releases.clock import RealClock
from activities.releases.later_counters import later_counters
from activities.releases.port import Verified
from activities.releases.routers.port import Backend, Router
from domain.releases.capabilities import Capability
from domain.releases.deployment import Deployment
from domain.releases.spec import Check


class Routed(ABC):
    """Translates actions to traffic changes; a target starts, stops and counts its instances."""

    def __init__(self, routers: Mapping[str, Router]) -> None:
        self._routers, self._clock = routers, RealClock()

    @abstractmethod
    async def backend(self, deployment: Deployment) -> Backend:
        """What answers for it now.

        Raises:
            SluicewayError: SLW865, it does not run.
        """

    def router_of(self, deployment: Deployment) -> Router:
        """The router that its definition names."""
        return self._routers[deployment.spec.router]

    async def route(self, deployment: Deployment) -> str:
        router = self.router_of(deployment)
        await router.send_all(await self.backend(deployment))
        return router.address(deployment)

    async def shift(self, deployment: Deployment, other: Deployment, percent: float) -> str:
        router = self.router_of(deployment)
        await router.split(await self.backend(deployment), await self.backend(other), percent)
        return router.address(deployment)

    async def preview(self, deployment: Deployment) -> str:
        router = self.router_of(deployment)
        await router.preview(await self.backend(deployment))
        return router.address(deployment, preview=True)

    async def check(self, deployment: Deployment, check: Check) -> str:
        router = self.router_of(deployment)
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
        router = self.router_of(deployment)
        if Capability.COUNTERS not in router.capabilities:
            return Verified(counted=False)
        drained = await router.drained(await self.backend(other), other.spec.drain_s)
        before = await later_counters(router, self._clock, deployment, other)
        await router.get(router.address(deployment), deployment.spec.readiness.http)
        await asyncio.sleep(seconds)
        after = await later_counters(router, self._clock, deployment, other)
        # A router restarted meanwhile counts from zero.
        new, old = (max(late.answered - early.answered, 0) for late, early in zip(after, before, strict=True))
        return Verified(new, old, seconds, drained.seconds, drained.left)

    async def leave(self, deployment: Deployment) -> str:
        """Removes it from the traffic, unless it has all of it; returns the number of dropped requests."""
        removed = await self.router_of(deployment).remove(deployment)
        return await self.drain(removed) if removed else ""

    async def drain(self, backend: Backend) -> str:
        """Waits for its open requests; returns the number of dropped ones, in words."""
        deployment = backend.deployment
        drained = await self.router_of(deployment).drained(backend, deployment.spec.drain_s)
        if drained.left:
            cut = f"were still open after {drained.seconds:g} s, and were cut off"
            return f"{drained.left} requests to {deployment.instance} {cut}"
        return ""
