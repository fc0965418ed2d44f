"""A command line without a key is let in by whoever types its code in a browser, once, with a look at who asks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient

from tests.support.authenticator import Authenticator
from tests.workers.api.logging_in import Server, answer, csrf
from tests.workers.api.test_login_rates import limited, tries

DEVICE, TOKEN, PAGE = "/api/v1/login/device", "/api/v1/login/device/token", "/login/device"


@pytest.fixture
def server(tmp_path: Path) -> Server:
    made = Server(tmp_path)
    made.person("ann", PASSKEY.person_key)
    return made


PASSKEY = Authenticator()


def logged_in(client: TestClient[Any]) -> None:
    client.post("/api/v1/login/key", json=answer(client, PASSKEY.sign, person="ann"))
    client.headers.update(csrf(client))


def asked(client: TestClient[Any]) -> dict[str, Any]:
    found: dict[str, Any] = client.post(DEVICE, json={"host": "build\x1b-box"}).json()
    return found


def polled(client: TestClient[Any], device: dict[str, Any]) -> Any:
    return client.post(TOKEN, json={"device_code": device["device_code"]})


def test_a_command_line_is_let_in_once_without_a_second_factor(server: Server) -> None:
    with server.program() as terminal, server.browser() as browser:
        device = asked(terminal)
        assert device["verification_uri"] == f"{server.origin}{PAGE}"
        assert polled(terminal, device).json()["state"] == "pending"
        logged_in(browser)
        shown = browser.post(PAGE, data={"code": device["user_code"].lower(), "step": "look"}).text
        assert "build?-box" in shown
        assert "Whoever sends you a code" in shown
        done = browser.post(PAGE, data={"code": device["user_code"], "step": "allow"}, follow_redirects=False)
        assert done.headers["location"] == "/login/device?done=allow"
        server.now += 5
        told = polled(terminal, device).json()
        assert (told["state"], told["person"]) == ("allowed", "ann")
        terminal.headers["Authorization"] = f"Bearer {told['token']}"
        who = terminal.get("/who").json()
        assert (who["id"], who["factor"]) == ("person:ann", 0)
        assert polled(terminal, device).json()["code"] == "SLW420"
        server.now += 12 * 3_600 + 1
        assert terminal.get("/who").json()["id"] == "anonymous:anonymous"


def test_nobody_is_let_in_without_a_fresh_second_factor(server: Server) -> None:
    with server.program() as terminal, server.browser() as browser:
        device = asked(terminal)
        assert browser.post(PAGE, data={"code": device["user_code"], "step": "allow"}).status_code in (401, 403)
        logged_in(browser)
        server.now += 6 * 60
        there = browser.get(PAGE, follow_redirects=False)
        assert there.headers["location"] == "/login/step-up?next=/login/device"
        assert "SLW411" in browser.post(PAGE, data={"code": device["user_code"], "step": "allow"}).text
        assert polled(terminal, device).json()["state"] == "pending"


def test_what_is_refused_or_unknown_is_told_nothing_more(server: Server) -> None:
    with server.program() as terminal, server.browser() as browser:
        device = asked(terminal)
        logged_in(browser)
        browser.post(PAGE, data={"code": device["user_code"], "step": "refuse"})
        assert polled(terminal, device).json()["code"] == "SLW420"
        assert polled(terminal, {"device_code": "x" * 43}).json()["code"] == "SLW420"
        for code in (device["user_code"], "BCDF-GHJK", "", "\x00", "a" * 10_000):
            assert "SLW437" in browser.post(PAGE, data={"code": code, "step": "look"}).text


def test_whoever_asks_too_often_waits_longer(server: Server) -> None:
    with server.program() as terminal:
        device = asked(terminal)
        states = [polled(terminal, device).json()["state"] for _ in range(2)]
        server.now += 5
        assert [*states, polled(terminal, device).json()["state"]] == ["pending", "slower", "pending"]


def test_a_disabled_person_lets_nobody_in(server: Server) -> None:
    with server.program() as terminal, server.browser() as browser:
        device = asked(terminal)
        logged_in(browser)
        browser.post(PAGE, data={"code": device["user_code"], "step": "allow"})
        server.records.people.disable("ann", server.now, disabled=True)
        assert polled(terminal, device).json()["code"] == "SLW420"


def test_asvs_6_3_1_codes_are_asked_for_and_guessed_few_times(tmp_path: Path) -> None:
    for name, path, body in (("begun", DEVICE, {"host": ""}), ("guessed", TOKEN, {"device_code": "a" * 43})):
        (tmp_path / name).mkdir()
        assert tries(limited(tmp_path / name), path, body) < 100
