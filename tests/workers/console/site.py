"""A console on a client in memory: hostile names everywhere, no engine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from litestar import Litestar
from litestar.connection import ASGIConnection
from litestar.testing import TestClient

from domain.access.actions import Action
from domain.access.principal import ANONYMOUS, Caller, Principal, PrincipalKind
from tests.support.guards import OpenGuard
from tests.support.memory_client import World, memory_client, seeded
from workers.api.app import create_app
from workers.api.parts import Change, Parts
from workers.client.ports.client import Client
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
    world: World | None = None, refused: frozenset[Action] = frozenset(), principal: Principal = ANN
) -> Litestar:
    """The pages of a world; nobody but `principal` looks at them, who may not do what is `refused`."""
    of = world or seeded()

    async def clients(caller: Caller) -> Client:
        closed = frozenset(Action) if principal == ANONYMOUS else refused
        return memory_client(of, OpenGuard(caller=caller, refused=closed))

    parts = Parts(
        clients=clients,
        authenticator=Everybody(principal),
        changes=NoChanges(),
        origin="http://sluiceway.localhost",
    )
    return create_app(parts, routes())


@contextmanager
def reader(
    world: World | None = None,
    refused: frozenset[Action] = frozenset(),
    principal: Principal = ANN,
    headers: Mapping[str, str] | None = None,
) -> Iterator[TestClient]:
    """A browser without scripts."""
    with TestClient(console(world, refused, principal)) as client:
        client.headers.update(headers or {})
        client.follow_redirects = False
        yield client
