"""A console on a client in memory: hostile names everywhere, no engine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from litestar.connection import ASGIConnection
from litestar.testing import TestClient
from litestar.types import ASGIApp, ControllerRouterHandler

from domain.access.actions import Action
from domain.access.principal import ANONYMOUS, Caller, Principal, PrincipalKind
from tests.support.guards import OpenGuard
from tests.support.memory_client import World, memory_client, seeded
from tests.support.memory_client.world import NOW
from tests.support.one_app import app_of
from workers.api.events import stream
from workers.api.parts import Change, Changes, Parts
from workers.api.routes import api
from workers.client.ports.client import Client
from workers.console import rendering
from workers.console.pages import routes

ANN = Principal(kind=PrincipalKind.PERSON, name="ann")


class Everybody:
    """An authenticator that lets everybody in as one principal."""

    def __init__(self, principal: Principal) -> None:
        self.principal = principal

    async def caller(self, connection: ASGIConnection) -> Caller:
        """Always the same one."""
        return Caller(principal=self.principal, channel="console")


class NoChanges:
    """Nothing changes."""

    async def last(self) -> int:
        """None yet."""
        return 0

    async def after(self, seq: int, limit: int = 500) -> tuple[Change, ...]:
        """None."""
        return ()


def console(
    world: World | None = None,
    refused: frozenset[Action] = frozenset(),
    principal: Principal = ANN,
    changes: Changes | None = None,
    origin: str = "http://sluiceway.localhost",
) -> ASGIApp:
    """The pages and the API of a world; nobody but `principal` looks at them, who may not do what is `refused`."""
    of = world or seeded()
    closed = frozenset(Action) if principal == ANONYMOUS else refused

    def guard(caller: Caller) -> OpenGuard:
        return OpenGuard(caller=caller, refused=closed)

    async def clients(caller: Caller) -> Client:
        return memory_client(of, guard(caller))

    parts = Parts(
        home=lambda: "memory",
        clients=clients,
        guards=guard,
        authenticator=Everybody(principal),
        changes=changes or NoChanges(),
        origin=origin,
    )
    return app_of(parts, _handlers)


def _handlers() -> list[ControllerRouterHandler]:
    return [*routes(), stream, api()]


@contextmanager
def time_of_the_world() -> Iterator[None]:
    """Pages are made when the world is: what is heard of is not old, whatever the machine's clock says."""
    before, rendering.clock = rendering.clock, lambda: NOW
    try:
        yield
    finally:
        rendering.clock = before


@contextmanager
def reader(
    world: World | None = None,
    refused: frozenset[Action] = frozenset(),
    principal: Principal = ANN,
    headers: Mapping[str, str] | None = None,
) -> Iterator[TestClient]:
    """A browser without scripts."""
    with time_of_the_world(), TestClient(console(world, refused, principal)) as client:
        client.headers.update({"Accept": "text/html", **(headers or {})})
        client.follow_redirects = False
        yield client
