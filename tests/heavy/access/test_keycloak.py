"""Logins by a real Keycloak through a real browser: groups, a second factor, and the logout that it sends."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn
from playwright.sync_api import Page, expect

from domain.access.oidc import IdentityProvider
from tests.support.programs import need
from tests.workers.api.logging_in import Server
from tests.workers.console.browser import chromium

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(580)]
ROOT = Path(__file__).parents[3]
ADMIN = "admin"
SECRET = "a-secret-of-the-test"
UP_S = 400


def realm(origin: str) -> dict[str, Any]:
    """One client, one person in two groups, and where to send logouts."""
    mapper = {
        "name": "groups",
        "protocol": "openid-connect",
        "protocolMapper": "oidc-group-membership-mapper",
        "config": {
            "claim.name": "groups",
            "full.path": "false",
            "id.token.claim": "true",
            "userinfo.token.claim": "true",
        },
    }
    client = {
        "clientId": "sluiceway",
        "secret": SECRET,
        "redirectUris": [f"{origin}/login/oidc/corp/callback"],
        "attributes": {
            "backchannel.logout.url": f"{origin}/login/oidc/corp/backchannel",
            "backchannel.logout.session.required": "true",
            "pkce.code.challenge.method": "S256",
        },
        "protocolMappers": [mapper],
    }
    person = {
        "username": "ann",
        "enabled": True,
        "email": "ann@localhost",
        "firstName": "Ann",
        "lastName": "Lee",
        "groups": ["/ops", "/release-managers"],
        "credentials": [{"type": "password", "value": "correct horse"}],
    }
    groups = [{"name": "ops"}, {"name": "release-managers"}]
    return {"realm": "test", "enabled": True, "clients": [client], "users": [person], "groups": groups}


@contextmanager
def keycloak(folder: Path, port: int, origin: str) -> Iterator[str]:
    """Its realm's address, once it answers."""
    home = folder / "keycloak"
    installed = subprocess.run(
        [ROOT / "deploy" / "keycloak" / "install"], check=True, stdout=subprocess.PIPE, text=True
    )
    subprocess.run(["cp", "-r", installed.stdout.strip(), home], check=True)
    (home / "data" / "import").mkdir(parents=True)
    (home / "data" / "import" / "test.json").write_text(json.dumps(realm(origin)))
    where = ("--http-enabled=true", f"--http-port={port}", "--http-host=127.0.0.1", "--hostname-strict=false")
    command = [str(home / "bin" / "kc.sh"), "start", "--optimized", "--import-realm", *where]
    told = {"KC_BOOTSTRAP_ADMIN_USERNAME": ADMIN, "KC_BOOTSTRAP_ADMIN_PASSWORD": SECRET, "JAVA_OPTS_APPEND": "-Xmx512m"}
    env = {**os.environ, **told}
    with (
        (folder / "keycloak.log").open("w") as log,
        subprocess.Popen(command, env=env, stdout=log, stderr=log) as process,
    ):
        try:
            url = f"http://localhost:{port}/realms/test"
            _answers(url, process, folder / "keycloak.log")
            yield url
        finally:
            process.terminate()


def _answers(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + UP_S
    while time.monotonic() < until and process.poll() is None:
        try:
            if httpx2.get(f"{url}/.well-known/openid-configuration", timeout=5).status_code == 200:
                return
        except httpx2.HTTPError:
            pass
        threading.Event().wait(1)
    raise AssertionError(log.read_text()[-2_000:])


@contextmanager
def serving(server: Server, link: socket.socket) -> Iterator[None]:
    config = uvicorn.Config(server.app(), log_config=None, lifespan="off", timeout_graceful_shutdown=1)
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, kwargs={"sockets": [link]}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        running.should_exit = True
        thread.join(10)


def log_in(page: Page, address: str) -> None:
    page.goto(address)
    page.locator("#password").wait_for()
    if page.locator("#username").count():  # none, when it knows already who it is
        page.locator("#username").fill("ann")
    page.locator("#password").fill("correct horse")
    page.locator("#kc-login").click()


def log_out_everywhere(url: str) -> None:
    """As an administrator of Keycloak: it tells every client."""
    root = url.partition("/realms/")[0]
    form = {"grant_type": "password", "client_id": "admin-cli", "username": ADMIN, "password": SECRET}
    token = httpx2.post(f"{root}/realms/master/protocol/openid-connect/token", data=form).json()["access_token"]
    with httpx2.Client(headers={"Authorization": f"Bearer {token}"}, base_url=f"{root}/admin/realms/test") as admin:
        (person,) = admin.get("/users", params={"username": "ann"}).json()
        assert admin.post(f"/users/{person['id']}/logout").status_code == 204


def test_keycloak_logs_a_person_in_confirms_them_and_logs_them_out(tmp_path: Path, monkeypatch) -> None:
    for program in ("java", "mvn"):
        need(program, "Keycloak is installed by Maven and runs on Java")
    monkeypatch.setenv("CLIENT_SECRET", SECRET)
    link, spare = socket.create_server(("127.0.0.1", 0)), socket.create_server(("127.0.0.1", 0))
    port = spare.getsockname()[1]
    spare.close()
    server = Server(tmp_path, origin=f"http://localhost:{link.getsockname()[1]}")
    provider = {"label": "Corp", "client_id": "sluiceway", "secret_from": "env:CLIENT_SECRET", "admits": True}
    with keycloak(tmp_path, port, server.origin) as url, serving(server, link), chromium() as browser:
        store = server.logins.providers.store
        store.save(IdentityProvider(name="corp", issuer=url, **provider))  # type: ignore[arg-type]
        page = browser.new_context(base_url=server.origin).new_page()
        server.now = time.time()  # Keycloak took its time
        log_in(page, "/login/oidc/corp?next=/me")
        page.wait_for_url(f"{server.origin}/me")
        assert server.denials() == []
        (person,) = server.records.people.page("", 10)
        assert person.provider_groups == ("corp/ops", "corp/release-managers")
        (session,) = server.records.sessions.of(person.name)
        assert (session.second_factor_at, bool(session.provider_session)) == (0, True)

        server.now = time.time()
        log_in(page, "/login/oidc/corp?next=/me&fresh=1")  # a password alone is no second factor
        expect(page.get_by_text("SLW420")).to_be_visible()
        store.save(IdentityProvider(name="corp", issuer=url, second_factor=True, **provider))  # type: ignore[arg-type]
        log_in(page, "/login/oidc/corp?next=/me&fresh=1")
        page.wait_for_url(f"{server.origin}/me")
        (session,) = server.records.sessions.of(person.name)
        assert session.second_factor_at == server.now

        log_out_everywhere(url)
        assert server.records.sessions.of(person.name) == ()
        page.goto("/me")
        expect(page.get_by_role("heading", name="Log in", exact=True)).to_be_visible()
