"""No router, for background workers without requests."""

from __future__ import annotations

from activities.releases.routers.port import Answer, Backend
from domain.releases.capabilities import Capability
from domain.releases.deployment import Deployment


class NoRouter:
    """Changes nothing and counts nothing."""

    capabilities: frozenset[Capability] = frozenset()

    def address(self, deployment: Deployment, *, preview: bool = False) -> str:
        """Always empty."""
        return ""

    async def send_all(self, backend: Backend) -> None: ...

    async def split(self, backend: Backend, other: Backend, percent: float) -> None: ...

    async def preview(self, backend: Backend) -> None: ...

    async def set_ports(self, backend: Backend) -> None: ...

    async def remove(self, deployment: Deployment) -> tuple[int, ...]:
        """Always empty: there are no ports to drain."""
        return ()

    async def requests(self, *deployments: Deployment) -> list[int]:
        """0 for each."""
        return [0 for _ in deployments]

    async def get(self, address: str, path: str) -> Answer:
        """Always an error."""
        return Answer(error="without a router there is no address for requests")
