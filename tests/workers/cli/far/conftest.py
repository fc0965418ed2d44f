"""The command line against a server in this process, with a config folder of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest
from click.testing import CliRunner, Result
from litestar import Litestar

from tests.support.far import ORIGIN, server
from tests.support.memory_client import World, memory_client, seeded
from workers.cli import login
from workers.cli.main import cli
from workers.remote import client, credentials
from workers.remote.client import http_of
from workers.remote.credentials import Login, Logins

Said = Callable[..., Result]


@pytest.fixture
def world() -> World:
    return seeded()


@pytest.fixture
def app(world: World) -> Litestar:
    return server(memory_client(world))


@pytest.fixture
def say(app: Litestar, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Said:
    """Runs a command at the server."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("SLUICEWAY_HOME", str(tmp_path / "no-home"))

    def in_process(origin: str, token: str = "") -> httpx2.AsyncClient:
        assert origin == ORIGIN
        return http_of(origin, token, transport=httpx2.ASGITransport(app))  # type: ignore[arg-type]

    monkeypatch.setattr(client, "http_of", in_process)
    monkeypatch.setattr(login, "http_of", in_process)
    credentials.save(Logins().with_login(ORIGIN, Login(token="slw_test", who="person:ann")))

    def said(*args: str, fails: type[Exception] | None = None) -> Result:
        found = CliRunner().invoke(cli, [*args, "--server", ORIGIN])
        if fails is None and found.exception is not None and not isinstance(found.exception, SystemExit):
            raise found.exception
        if fails is not None:
            assert isinstance(found.exception, fails), found.output
        return found

    return said
