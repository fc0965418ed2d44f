"""The port of routers: what splits the traffic of a service between its versions."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from domain.releases.capabilities import Capability
from domain.releases.deployment import Deployment


@dataclass(frozen=True)
class Backend:
    """A version, and the loopback ports of its instances."""

    deployment: Deployment
    ports: tuple[int, ...]


@dataclass(frozen=True)
class Answer:
    """Of one request. `error` is set when there was no answer; then `status` is 0."""

    status: int = 0
    text: str = ""
    error: str = ""


class Router(Protocol):
    """Every change has happened when its method returns: the data plane has confirmed it. Repeated, it changes nothing.

    Raises:
        SluicewayError: SLW861 or SLW862, the router did not start or did not take the change in time.
    """

    @property
    def capabilities(self) -> Collection[Capability]:
        """What definitions may ask of it; the rest is refused before a release starts."""
        ...

    def address(self, deployment: Deployment, *, preview: bool = False) -> str:
        """The URL of its service, or its own preview; empty where nobody sends requests."""
        ...

    async def send_all(self, backend: Backend) -> None:
        """All traffic of the service to this version. Others keep their places without traffic."""
        ...

    async def split(self, backend: Backend, other: Backend, percent: float) -> None:
        """`percent` of the traffic to the first, the rest to the other."""
        ...

    async def preview(self, backend: Backend) -> None:
        """Gives the version its preview address, and its header, cookie and mirror routes."""
        ...

    async def set_ports(self, backend: Backend) -> None:
        """Where a version listens from now on. One that has no place in the route gets none."""
        ...

    async def remove(self, deployment: Deployment) -> tuple[int, ...]:
        """Takes a version out, unless all traffic is its. The ports that it had; empty: it was not taken out."""
        ...

    async def requests(self, *deployments: Deployment) -> list[int]:
        """How many each has answered since the router started."""
        ...

    async def get(self, address: str, path: str) -> Answer:
        """One request to an address of this router, whose name need not resolve here."""
        ...
