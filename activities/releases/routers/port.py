"""The port of routers, which split a service's traffic between its versions."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from domain.releases.capabilities import Capability
from domain.releases.deployment import Deployment


@dataclass(frozen=True)
class Backend:
    """A version with its loopback ports."""

    deployment: Deployment
    ports: tuple[int, ...]


@dataclass(frozen=True)
class Answer:
    """The answer to one request. With `error` there was none, and `status` is 0."""

    status: int = 0
    text: str = ""
    error: str = ""


class Router(Protocol):
    """Every change is complete when its method returns: the data plane has confirmed it. Idempotent.

    Raises:
        SluicewayError: SLW861 or SLW862, the router did not start or did not apply the change in time.
    """

    @property
    def capabilities(self) -> Collection[Capability]:
        """What definitions may use; anything else is refused before a release starts."""
        ...

    def address(self, deployment: Deployment, *, preview: bool = False) -> str:
        """The URL of a service, or its preview address; empty without requests."""
        ...

    async def send_all(self, backend: Backend) -> None:
        """Sends all traffic of the service to this version. Others stay configured without traffic."""
        ...

    async def split(self, backend: Backend, other: Backend, percent: float) -> None:
        """`percent` of the traffic to the first, the rest to the other."""
        ...

    async def preview(self, backend: Backend) -> None:
        """Sets up the version's preview address, and its header, cookie and mirror routes."""
        ...

    async def set_ports(self, backend: Backend) -> None:
        """Updates a version's ports. Ignored for a version without a route."""
        ...

    async def remove(self, deployment: Deployment) -> tuple[int, ...]:
        """Removes a version, unless it has all traffic. Returns its ports; empty: not removed."""
        ...

    async def requests(self, *deployments: Deployment) -> list[int]:
        """Answered requests of each since the router started."""
        ...

    async def get(self, address: str, path: str) -> Answer:
        """One request to an address of this router; its name need not resolve."""
        ...
