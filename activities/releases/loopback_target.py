"""The base of this machine's targets: instances on loopback ports, behind a router."""

from __future__ import annotations

from abc import abstractmethod

from activities.releases.routed_target import Routed
from activities.releases.routers.port import Backend
from domain.releases.deployment import Deployment


class Loopback(Routed):
    """A version is its ports: surplus ones leave the router before their instances end."""

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

    async def backend(self, deployment: Deployment) -> Backend:
        return Backend(deployment, self.ports(deployment))

    async def scale(self, deployment: Deployment, instances: int) -> str:
        """Down: the last ports leave the router and drain first. Up: new ones join it when ready."""
        said, router = "", self.router_of(deployment)
        instances = instances or deployment.spec.instances
        ports = self.ports(deployment)
        if instances < len(ports):
            await router.update(Backend(deployment, ports[:instances]))
            said = await self.drain(Backend(deployment, ports[instances:]))
        await self.resize(deployment, instances)
        await router.update(await self.backend(deployment))
        return said
