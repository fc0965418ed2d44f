"""Logins by identity providers that others have written: a mock in Python, and a certified provider where node is."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx2
import pytest

from domain.access.oidc import IdentityProvider
from tests.support.programs import need
from tests.workers.api.logging_in import Server

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]
ROOT = Path(__file__).parents[3]
LOGIN = "/login/oidc/corp"
SECRET = "a-secret-of-the-test"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as link:
        return int(link.getsockname()[1])


@contextmanager
def running(command: list[str], url: str, env: dict[str, str], cwd: Path) -> Iterator[None]:
    """A provider's process, from its first answer on."""
    with subprocess.Popen(
        command, cwd=cwd, env={**os.environ, **env}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            assert process.stdout is not None
            for line in process.stdout:
                if re.search(r"listening|Running on|Uvicorn|started|http://", line):
                    break
            _answers(url)
            yield
        finally:
            process.terminate()


def _answers(url: str) -> None:
    with httpx2.Client(transport=httpx2.HTTPTransport(retries=50)) as client:
        assert client.get(f"{url}/.well-known/openid-configuration").status_code == 200


def as_person(there: str, name: str, callback: str) -> str:
    """A browser at the provider: fills in each form, until it is sent back. The address that it is sent to."""
    with httpx2.Client(follow_redirects=False) as browser:
        answer = browser.get(there)
        for _ in range(12):
            place = urljoin(str(answer.request.url), answer.headers.get("location", ""))
            if answer.is_redirect and place.startswith(callback):
                return place
            if answer.is_redirect:
                answer = browser.get(place)
                continue
            action = re.search(r'<form[^>]*action="([^"]*)"', answer.text)
            where = (
                urljoin(str(answer.request.url), unescape(action[1]))
                if action and action[1]
                else str(answer.request.url)
            )
            found = dict(re.findall(r'name="([^"]+)"\s+value="([^"]*)"', answer.text))
            hidden = {key: value for key, value in found.items() if key != "action"}  # the button that says no
            answer = browser.post(where, data={**hidden, "login": name, "password": "x", "sub": name})
    raise AssertionError(f"the provider never sends back: {answer.status_code} {answer.text[:500]}")


def logs_in(server: Server, provider: IdentityProvider, name: str) -> Any:
    """The person that the server knows afterwards; everything there and back is real."""
    server.logins.providers.store.save(provider)
    with server.browser() as client:
        there = client.get(LOGIN, follow_redirects=False).headers["location"]
        back = as_person(there, name, server.logins.providers.back("corp"))
        query = httpx2.URL(back).params
        first = client.get(f"{LOGIN}/callback", params=dict(query), follow_redirects=False)
        assert first.status_code == 303, server.denials()
        who = client.get("/who").json()["id"]
        assert client.get(f"{LOGIN}/callback", params=dict(query), follow_redirects=False).status_code == 401
    return server.records.people.get(who.removeprefix("person:"))


def at(url: str) -> IdentityProvider:
    told = {"label": "Corp", "client_id": "sluiceway", "secret_from": "env:CLIENT_SECRET", "admits": True}
    return IdentityProvider(name="corp", issuer=url, **told)  # type: ignore[arg-type]


def now(server: Server) -> Server:
    """With the clock of the machine, which providers have too."""
    import time

    server.now = time.time()
    return server


def test_the_mock_of_python_logs_a_person_in(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("CLIENT_SECRET", SECRET)
    port = free_port()
    url = f"http://localhost:{port}"
    claims = '{"sub": "ann", "preferred_username": "ann", "groups": ["ops"]}'
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "-p", str(port), "--user-claims", claims]
    with running(command, url, {"PYTHONUNBUFFERED": "1"}, tmp_path):
        person = logs_in(now(Server(tmp_path)), at(url), "ann")
    assert (person.issuer, person.subject, person.provider_groups) == (url, "ann", ("corp/ops",))


def test_a_certified_provider_logs_a_person_with_two_thousand_groups_in(tmp_path: Path, monkeypatch) -> None:
    need("node", "oidc-provider runs on it")
    need("npm", "oidc-provider is installed by it")
    monkeypatch.setenv("CLIENT_SECRET", SECRET)
    folder = subprocess.run(
        [ROOT / "deploy" / "oidc-provider" / "install"], check=True, stdout=subprocess.PIPE, text=True
    ).stdout.strip()
    port = free_port()
    url = f"http://localhost:{port}"
    server = now(Server(tmp_path))
    env = {"PORT": str(port), "CALLBACK": server.logins.providers.back("corp"), "SECRET": SECRET, "GROUPS": "2000"}
    with running(["node", "provider.mjs"], url, env, Path(folder)):
        person = logs_in(server, at(url), "ann")
    assert (person.name, person.subject, len(person.provider_groups)) == ("ann@corp", "ann", 2_000)
