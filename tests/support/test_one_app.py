"""What one application for all servers promises: each request is answered with the parts of its own server."""

from __future__ import annotations

import asyncio

from litestar import get
from litestar.di import NamedDependency
from litestar.types import ControllerRouterHandler

from domain.access.principal import Caller
from tests.support.far import ORIGIN, Anyone, Still, http
from tests.support.one_app import app_of
from workers.api.parts import Parts
from workers.client.ports.client import Client


@get("/origin")
async def origin(parts: NamedDependency[Parts]) -> str:
    await asyncio.sleep(0)
    return parts.origin


def handlers() -> list[ControllerRouterHandler]:
    return [origin]


def parts(of: str) -> Parts:
    async def clients(caller: Caller) -> Client:
        raise AssertionError("nobody asks for one")

    return Parts(clients=clients, authenticator=Anyone(), changes=Still(), origin=of)


async def test_servers_that_are_asked_at_once_answer_each_for_itself() -> None:
    async def asked(of: str) -> str:
        async with http(app_of(parts(of), handlers)) as client:
            return (await client.get(f"{ORIGIN}/origin")).text

    names = [f"http://{n}.example" for n in range(8)]

    assert await asyncio.gather(*map(asked, names)) == names
