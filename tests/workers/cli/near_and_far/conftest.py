"""The command line on a client in memory: as the owner of a home, and against a server in this process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest
from click.testing import CliRunner, Result

from tests.support.far import ORIGIN, server
from tests.support.memory_client import World, memory_client, seeded
from workers.cli import login
from workers.cli.main import cli
from workers.client import for_owner
from workers.remote import client, credentials
from workers.remote.client import http_of
from workers.remote.credentials import Login, Logins

Said = Callable[..., Result]


@pytest.fixture
def world() -> World:
    return seeded()


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No home, and a config folder of its own."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("SLUICEWAY_HOME", str(tmp_path / "no-home"))
    monkeypatch.setenv("SLUICEWAY_KEYS", str(tmp_path / "keys"))
    monkeypatch.delenv("SLUICEWAY_SERVER", raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def far(world: World, monkeypatch: pytest.MonkeyPatch) -> Said:
    """Runs a command at the server."""
    app = server(memory_client(world))

    def in_process(origin: str, token: str = "") -> httpx2.AsyncClient:
        assert origin == ORIGIN
        return http_of(origin, token, transport=httpx2.ASGITransport(app))  # type: ignore[arg-type]

    monkeypatch.setattr(client, "http_of", in_process)
    monkeypatch.setattr(login, "http_of", in_process)
    credentials.save(Logins().with_login(ORIGIN, Login(token="slw_test", who="person:ann")))
    return _saying("--server", ORIGIN)


@pytest.fixture
def near(world: World, monkeypatch: pytest.MonkeyPatch) -> Said:
    """Runs a command in the home, as its owner."""
    monkeypatch.setattr(for_owner, "owner_client", lambda parts: memory_client(world))
    return _saying()


@pytest.fixture(params=["near", "far"])
def say(request: pytest.FixtureRequest) -> Said:
    """Runs a command, one way and the other: it says the same."""
    found: Said = request.getfixturevalue(request.param)
    return found


def _saying(*options: str) -> Said:
    def said(*args: str, fails: type[Exception] | None = None) -> Result:
        found = CliRunner().invoke(cli, [*args, *options])
        if fails is None and found.exception is not None and not isinstance(found.exception, SystemExit):
            raise found.exception
        if fails is not None:
            assert isinstance(found.exception, fails), found.output
        return found

    return said
