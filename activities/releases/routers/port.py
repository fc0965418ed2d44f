"""The port of routers, which split a service's traffic between its versions."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from activities.releases.router_counters import Counters
from domain.core.documents import Object
from domain.releases.capabilities import Capability
from domain.releases.deployment import Deployment


@dataclass(frozen=True)
class Backend:
    """A version with what answers for it."""

    deployment: Deployment
    ports: tuple[int, ...] = ()
    """Loopback ports; a version in a cluster has none: its Service answers for it."""
    ready: int = 0
    """Number of ready pods behind its Service; 0 on this machine."""


@dataclass(frozen=True)
class Drained:
    """How long a version's open requests took to end, and how many were left at the limit."""

    seconds: float = 0.0
    left: int = 0


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

    async def refusals(self, deployment: Deployment) -> list[str]:
        """What its rollout asks and this router cannot do where it goes, in words; nothing is touched."""
        ...

    async def drift(self, deployment: Deployment) -> list[str]:
        """Who has changed what of the service's route since it was set here, one line each."""
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

    async def update(self, backend: Backend) -> None:
        """Takes over what answers for a version now. Ignored for a version without a route."""
        ...

    async def remove(self, deployment: Deployment) -> Backend | None:
        """Removes a version, unless it has all traffic, and returns what answered for it; None: not removed."""
        ...

    async def drained(self, backend: Backend, limit_s: float) -> Drained:
        """Returns when no request to it is open, or after `limit_s`. It gets no new ones: the caller has seen to it."""
        ...

    async def counters(self, *deployments: Deployment) -> list[Counters]:
        """The counters of each since the router started; zeros for a version that it does not know."""
        ...

    async def get(self, address: str, path: str) -> Answer:
        """One request to an address of this router; its name need not resolve."""
        ...


@runtime_checkable
class HandsOver(Protocol):
    """What a router has beside, in whose cluster a route may have led to a version before it was imported."""

    async def take_over(self, backend: Backend, former: Object | None) -> None:
        """All traffic to an imported version; the route that led to it before goes when ours is in force."""
        ...

    async def hand_back(self, deployment: Deployment, former: Object | None) -> None:
        """The route that led to it before is in force again, and ours are gone.

        Raises:
            RefusedError: SLW968, another version has requests.
        """
        ...


@dataclass(frozen=True)
class Listened:
    """Whether listeners serve a service's host by TLS."""

    refusals: tuple[str, ...] = ()
    """Why one does not, with what to do."""
    notes: tuple[str, ...] = ()
    """What people should know, and what could not be seen."""


@runtime_checkable
class Listens(Protocol):
    """What a router has beside, where listeners of others take its requests in."""

    async def listened(self, deployment: Deployment) -> Listened:
        """Of those that take its host; nothing is touched."""
        ...


@runtime_checkable
class Restores(Protocol):
    """What a router has beside, whose routes others can change."""

    async def restore(self, deployment: Deployment) -> None:
        """The service's route is as its state says again, and in force."""
        ...

    async def is_gone(self, deployment: Deployment) -> bool:
        """Whether the service has no route any more, or one that says nothing of its state."""
        ...

    async def lead_again(self, deployment: Deployment) -> None:
        """Like `restore`; a route that is gone is made again with all traffic to this version, which is live."""
        ...


@runtime_checkable
class Leads(Protocol):
    """What a router has beside, whose addresses do not resolve to it on this machine."""

    def leading(self, address: str) -> AbstractAsyncContextManager[str]:
        """An address for scanners, whose port is that of a proxy on this machine, for as long as it is held.

        Raises:
            RefusedError: SLW860, it is no address of this router.
        """
        ...
