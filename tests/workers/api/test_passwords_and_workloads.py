"""Logins by a password, of people who can have no key; and jobs of other systems, by their JWT."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from domain.access.principal import Scope
from domain.access.workload import Trust
from domain.core.errors import DefinitionError, RefusedError
from tests.support.authenticator import Authenticator
from tests.support.identity_provider import ISSUER, StubProvider, new_key
from tests.workers.api.logging_in import Server, csrf
from workers.client.logins.ground import Visitor

WORDS = "correct horse battery staple"
SUBJECT = "repo:acme/shop:ref:refs/heads/main"


def test_a_password_logs_in_who_has_no_key_and_is_no_second_factor(tmp_path: Path) -> None:
    server = Server(tmp_path)
    server.person("ann")
    server.logins.passwords.set("ann", WORDS, Visitor())
    assert WORDS not in str(server.records.database.rows("select * from credentials"))
    with server.browser() as client:
        for wrong in (
            {"person": "ann", "password": WORDS + "!"},
            {"person": "bob", "password": WORDS},
            {"person": "..", "password": ""},
        ):
            assert client.post("/api/v1/login/password", json=wrong).json()["code"] == "SLW420"
        found = client.post("/api/v1/login/password", json={"person": "ann", "password": WORDS}).json()
        assert (found["person"], found["second_factor"]) == ("ann", False)
        assert client.get("/who").json()["id"] == "person:ann"
        assert csrf(client)


def test_who_has_a_key_uses_it_and_no_password(tmp_path: Path) -> None:
    server = Server(tmp_path)
    server.person("ann")
    server.logins.passwords.set("ann", WORDS, Visitor())
    server.person("ann", Authenticator().person_key)
    with server.browser() as client:
        assert client.post("/api/v1/login/password", json={"person": "ann", "password": WORDS}).status_code == 401
    for person, password in (("ann", WORDS), ("nobody", WORDS), ("..", WORDS)):
        with pytest.raises(RefusedError) as caught:
            server.logins.passwords.set(person, password, Visitor())
        assert caught.value.code == "SLW426"


class WithIssuer(Server):
    """A server that trusts one kind of jobs."""

    def __post_init__(self) -> None:
        self.issuer = StubProvider(lambda: self.now)
        self.fetched = self.issuer.fetched()
        super().__post_init__()
        self.person("ann")
        self.logins.workloads.save(self.trust())

    def trust(self, **changes: Any) -> Trust:
        scope = Scope(actions=frozenset({"runs:start"}), resources=frozenset({"pipeline:shop"}))
        told = {"name": "shop", "issuer": ISSUER, "audience": self.origin, "subject": SUBJECT, "owner": "ann"}
        return Trust(**{**told, "scope": scope, **changes})

    def jwt(self, **changes: Any) -> str:
        said = {"iss": ISSUER, "aud": self.origin, "sub": SUBJECT, "iat": int(self.now), "exp": int(self.now) + 300}
        return self.issuer.signed({**said, **changes})


def test_a_jobs_jwt_becomes_a_token_of_minutes_with_at_most_its_owners_rights(tmp_path: Path) -> None:
    server = WithIssuer(tmp_path)
    with server.program() as client:
        found = client.post("/api/v1/login/workload", json={"jwt": server.jwt()}).json()
        headers = {"Authorization": f"Bearer {found['token']}"}
        who = client.get("/who", headers=headers).json()
        assert (who["id"], who["behalf"]) == (f"workload:{ISSUER}#{SUBJECT}", "person:ann")
        server.now += 901
        assert client.get("/who", headers=headers).json()["id"] == "anonymous:anonymous"


def test_a_jwt_that_is_not_the_issuers_or_of_another_job_becomes_none(tmp_path: Path) -> None:
    server = WithIssuer(tmp_path)
    stranger = StubProvider(keys=[new_key("k1")]).signed
    said = {"iss": ISSUER, "aud": server.origin, "sub": SUBJECT, "iat": int(server.now), "exp": int(server.now) + 300}
    wrong = [
        "",
        "x",
        "a.b.c",
        "a" * 50_000,
        stranger(said),
        server.jwt(sub="repo:evil/shop"),
        server.jwt(iss="https://evil.example"),
    ]
    with server.program() as client:
        for jwt in wrong:
            assert client.post("/api/v1/login/workload", json={"jwt": jwt}).json()["code"] == "SLW420"
    assert all("evil" not in path for path in server.issuer.asked)


def test_keys_are_fetched_from_registered_issuers_alone(tmp_path: Path) -> None:
    server = WithIssuer(tmp_path)
    with server.program() as client:
        jwt = server.jwt(iss="https://169.254.169.254/latest")
        assert client.post("/api/v1/login/workload", json={"jwt": jwt}).status_code == 401
    assert server.issuer.asked == []


def test_a_trust_without_an_owner_or_with_too_wide_a_subject_is_not_registered(tmp_path: Path) -> None:
    server = WithIssuer(tmp_path)
    for changes in ({"owner": "nobody"}, {"subject": "repo:*"}, {"scope": Scope()}, {"issuer": "http://x.example"}):
        with pytest.raises(DefinitionError) as caught:
            server.logins.workloads.save(server.trust(**changes))
        assert caught.value.code == "SLW432"
    assert [one.name for one in server.logins.workloads.all()] == ["shop"]
    server.logins.workloads.remove("shop")
    assert [*server.logins.workloads.all()] == []


def test_the_login_page_asks_for_a_password_where_somebody_has_one(tmp_path: Path) -> None:
    server = Server(tmp_path)
    server.person("ann")
    with server.browser() as client:
        assert 'type="password"' not in client.get("/login").text
        server.logins.passwords.set("ann", WORDS, Visitor())
        assert 'type="password"' in client.get("/login").text
