"""No router, for background workers without requests."""

from __future__ import annotations

from activities.releases.router_counters import Counters
from activities.releases.routers.port import Answer, Backend, Drained
from domain.releases.capabilities import Capability
from domain.releases.deployment import Deployment


class NoRouter:
    """Changes nothing and counts nothing."""

    capabilities: frozenset[Capability] = frozenset()

    async def refusals(self, deployment: Deployment) -> list[str]:
        """None: it does nothing."""
        return []

    async def drift(self, deployment: Deployment) -> list[str]:
        """None: there is no route."""
        return []

    def address(self, deployment: Deployment, *, preview: bool = False) -> str:
        """Always empty."""
        return ""

    async def send_all(self, backend: Backend) -> None: ...

    async def split(self, backend: Backend, other: Backend, percent: float) -> None: ...

    async def preview(self, backend: Backend) -> None: ...

    async def update(self, backend: Backend) -> None: ...

    async def remove(self, deployment: Deployment) -> Backend | None:
        """Always None: there is nothing to drain."""
        return None

    async def drained(self, backend: Backend, limit_s: float) -> Drained:
        """At once: without requests none is open."""
        return Drained()

    async def counters(self, *deployments: Deployment) -> list[Counters]:
        """Zeros for each."""
        return [Counters() for _ in deployments]

    async def get(self, address: str, path: str) -> Answer:
        """Always an error."""
        return Answer(error="without a router there is no address for requests")
