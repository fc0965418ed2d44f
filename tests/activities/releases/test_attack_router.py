"""Traefik's own pages answer the engine, and no page of a browser."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from activities.releases.routers.traefik.process import Ports, Traefik
from activities.supervisor.service import free_port
from workers.core.settings import Settings
from workers.engine import embedded as engine

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
async def router(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Traefik]:
    home: Path = tmp_path_factory.mktemp("home")
    made = Traefik(home / "router", Ports(free_port(), free_port()))
    await made.ensure()
    yield made
    engine.down(Settings(home, home))


async def status(router: Traefik, path: str, **headers: str) -> int:
    async with httpx2.AsyncClient() as client:
        return (await client.get(f"http://127.0.0.1:{router.ports.api}{path}", headers=headers)).status_code


@pytest.mark.parametrize(
    "path", ["/api/http/routers", "/api/rawdata", "/api/version", "/metrics", "/dashboard/", "/debug/vars"]
)
async def test_nobody_without_the_token_reads_routes_or_counters(router: Traefik, path: str) -> None:
    assert await status(router, path) == 404
    assert await status(router, path, Authorization="Bearer wrong") == 404


@pytest.mark.parametrize("path", ["/api/http/routers", "/metrics"])
async def test_the_token_opens_them_to_programs_and_not_to_pages(router: Traefik, path: str) -> None:
    known = {"Authorization": f"Bearer {router.token()}"}
    assert await status(router, path, **known) == 200
    assert await status(router, path, **known, Host="evil.example") == 404
    assert await status(router, path, **known, Origin="https://evil.example") == 404


async def test_the_token_is_private(router: Traefik, tmp_path: Path) -> None:
    assert Traefik(tmp_path / "other", router.ports).token() != router.token()
    assert (tmp_path / "other" / "api.token").stat().st_mode & 0o077 == 0
