"""A server in this process that is asked over HTTP: the far client against any near one."""

from __future__ import annotations

from typing import Any

import httpx2
from litestar.connection import ASGIConnection
from litestar.types import ASGIApp, ControllerRouterHandler

from domain.access.principal import OWNER, Caller
from tests.support.one_app import app_of
from workers.api.parts import Change, Parts
from workers.api.routes import api
from workers.client.ports.client import Client
from workers.remote.client import client_of, http_of
from workers.remote.connection import Connection

ORIGIN = "http://sluiceway.localhost:8080"


class Anyone:
    """Lets everybody in as one caller."""

    def __init__(self, caller: Caller | None = None) -> None:
        self.known = caller or Caller(principal=OWNER, channel="api")

    async def caller(self, connection: ASGIConnection[Any, Any, Any, Any]) -> Caller:
        return self.known


class Still:
    """Nothing ever changes."""

    async def last(self) -> int:
        return 0

    async def after(self, seq: int, limit: int = 500) -> tuple[Change, ...]:
        return ()


def server(near: Client, caller: Caller | None = None) -> ASGIApp:
    """The API in front of a client."""

    async def clients(caller: Caller) -> Client:
        return near

    who = Anyone(caller)
    parts = Parts(clients=clients, authenticator=who, changes=Still(), origin=ORIGIN, home=lambda: "memory")
    return app_of(parts, _handlers)


def _handlers() -> list[ControllerRouterHandler]:
    return [api()]


def http(app: ASGIApp) -> httpx2.AsyncClient:
    """Any client of that server; it gets what the server answers, never its exceptions."""
    asgi: Any = app
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(asgi, raise_app_exceptions=False), base_url=ORIGIN)


def connection(app: ASGIApp) -> Connection:
    """To that server."""
    return Connection(http_of(ORIGIN, transport=httpx2.ASGITransport(app)))  # type: ignore[arg-type]


def far_client(near: Client, caller: Caller | None = None) -> Client:
    """Asks a client through a server."""
    return client_of(connection(server(near, caller)))
