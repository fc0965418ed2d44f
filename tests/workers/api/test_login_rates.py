"""How often somebody may try to log in, by address and by whom they name (OWASP ASVS 5.0, 6.3.1)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from activities.access.login_store import LinkKind
from activities.access.rate_store import RateStore
from tests.workers.api.logging_in import Server
from workers.client.logins.logins import Logins

WRONG = {"state": "x", "signature": "AAAA", "person": "ann"}


def limited(folder: Path) -> Server:
    server = Server(folder)
    limiter = RateStore(server.records.database, clock=lambda: server.now)
    server.auth.logins = server.logins = Logins(replace(server.logins.ground, limiter=limiter))
    return server


def tries(server: Server, path: str, body: dict[str, str], most: int = 200) -> int:
    """How many get an answer, before the first one that has to wait."""
    with server.browser() as client:
        for number in range(most):
            answer = client.post(path, json=body)
            if answer.status_code == 429:
                assert int(answer.headers["retry-after"]) > 0
                return number
    raise AssertionError("nothing is limited")


def test_asvs_6_3_1_guesses_of_a_link_are_few_and_somebody_who_waits_gets_on(tmp_path: Path) -> None:
    server = limited(tmp_path)
    server.person()
    code = server.link()
    assert tries(server, "/api/v1/login/link", {"code": "a" * 43}) < 100
    with server.browser() as client:
        assert client.post("/api/v1/login/link", json={"code": code}).status_code == 429
        server.now += 3_600
        server.logins.links.make(code, "ann", LinkKind.INVITATION, "owner:owner")
        assert client.post("/api/v1/login/link", json={"code": code}).status_code == 200


def test_asvs_6_3_1_guesses_of_a_password_or_a_signature_are_few(tmp_path: Path) -> None:
    for name, path, body in (
        ("key", "/api/v1/login/key", WRONG),
        ("job", "/api/v1/login/workload", {"jwt": "a.b.c"}),
    ):
        (tmp_path / name).mkdir()
        assert tries(limited(tmp_path / name), path, body) < 100
