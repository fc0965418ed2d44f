"""How often somebody may try to log in, by address and by whom they name (OWASP ASVS 5.0, 6.3.1)."""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from activities.access.login_store import LinkKind
from activities.access.private_keys import public_half
from activities.access.rate_store import RateStore, TooManyError
from domain.access.device import LIFE_S, MOST
from domain.access.keys import KeyKind, KeyProof, PersonKey
from domain.access.link_code import login_of
from domain.access.rates import rate_of
from domain.access.session import Way
from tests.workers.api.logging_in import Server
from workers.client.logins.ground import Visitor
from workers.client.logins.keys import Answer
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
    assert tries(server, "/api/v1/login/link", {"login": "a" * 43}) < 100
    with server.browser() as client:
        assert client.post("/api/v1/login/link", json={"login": login_of(code)}).status_code == 429
        server.now += 3_600
        server.logins.links.make(code, "ann", LinkKind.INVITATION, "owner:owner")
        assert client.post("/api/v1/login/link", json={"login": login_of(code)}).status_code == 200


def test_no_network_takes_the_places_of_command_lines_that_wait(tmp_path: Path) -> None:
    server = limited(tmp_path)
    taken = 0
    for _ in range(LIFE_S // 60):
        taken += tries(server, "/api/v1/login/device", {"host": "h"})
        server.now += 60
    assert taken <= MOST / 20


def test_asvs_6_3_1_guesses_of_a_password_or_a_signature_are_few(tmp_path: Path) -> None:
    for name, path, body in (
        ("key", "/api/v1/login/key", WRONG),
        ("job", "/api/v1/login/workload", {"jwt": "a.b.c"}),
    ):
        (tmp_path / name).mkdir()
        assert tries(limited(tmp_path / name), path, body) < 100


def test_whoever_tries_in_somebodys_name_does_not_lock_their_key_out(tmp_path: Path) -> None:
    server, key = limited(tmp_path), Ed25519PrivateKey.generate()
    server.person("ann", PersonKey(kind=KeyKind.ED25519, public=public_half(key)))
    tries(server, "/api/v1/login/key", WRONG)
    elsewhere = Visitor(address="192.0.2.7")
    asked = server.logins.keys.ask(elsewhere)
    proof = KeyProof(base64.b64encode(key.sign(asked.challenge.text())).decode())
    begun = server.logins.keys.log_in(Answer(asked.state, proof, "ann"), elsewhere)
    assert begun.session.person == "ann"


def test_asvs_6_3_1_logins_that_are_proven_are_counted_by_person_too_and_from_everywhere(tmp_path: Path) -> None:
    server = limited(tmp_path)
    server.person("ann")
    server.person("bob")
    for number in range(rate_of("session", "person:ann").burst):
        server.logins.sessions.begin("ann", Way.KEY, Visitor(address=f"192.0.{number}.1"))
    with pytest.raises(TooManyError):
        server.logins.sessions.begin("ann", Way.KEY, Visitor(address="192.0.2.1"))
    session = server.logins.sessions.begin("bob", Way.KEY, Visitor()).session
    assert server.logins.sessions.renew(session, Way.KEY, Visitor()).session.person == "bob"


def test_who_tries_under_a_persons_name_keeps_that_person_from_nothing(tmp_path: Path) -> None:
    server = limited(tmp_path)
    server.person("ann")
    tries(server, "/api/v1/login/password", {"person": "ann", "password": "x"})
    assert server.logins.sessions.begin("ann", Way.KEY, Visitor(address="192.0.2.9")).session.person == "ann"
