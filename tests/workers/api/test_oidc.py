"""Logins by an identity provider that may lie. Numbers are of the OWASP ASVS 5.0, chapter 10, and of RFCs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient

from domain.access.person import MOST_GROUPS
from tests.support.identity_provider import StubProvider, by_public_key, new_key, unsigned
from tests.workers.api.logging_in import Server, csrf
from workers.api.auth import COOKIE, PLAIN

LOGIN = "/login/oidc/corp"


class WithProvider(Server):
    """A server that knows one provider."""

    def __post_init__(self) -> None:
        self.provider = StubProvider(lambda: self.now)
        self.fetched = self.provider.fetched()
        super().__post_init__()
        self.registered()

    def registered(self, **changes: Any) -> None:
        self.logins.providers.store.save(self.provider.registered(**changes))

    def to_provider(self, client: TestClient[Any], query: str = "") -> dict[str, str]:
        answer = client.get(f"{LOGIN}{query}", follow_redirects=False)
        assert answer.status_code == 303, answer.text
        return self.provider.approve(answer.headers["location"])

    def log_in(self, client: TestClient[Any], query: str = "", **changes: str) -> Any:
        back = {**self.to_provider(client, query), **changes}
        return client.get(f"{LOGIN}/callback", params=back, follow_redirects=False)


@pytest.fixture
def server(tmp_path: Path) -> WithProvider:
    return WithProvider(tmp_path)


def who(client: TestClient[Any]) -> str:
    return str(client.get("/who").json()["id"])


def test_a_person_of_a_provider_logs_in_and_is_no_local_person_of_that_name(server: WithProvider) -> None:
    server.person("ann")
    with server.browser() as client:
        answer = server.log_in(client, "?next=/runs")
        assert (answer.status_code, answer.headers["location"]) == (303, "/runs")
        assert who(client) == "person:ann@corp"
        assert client.get("/who").json()["factor"] == 0


def test_the_same_subject_is_the_same_person_whatever_its_name_is_now(server: WithProvider) -> None:
    with server.browser() as client, server.browser() as other:
        server.log_in(client)
        server.provider.claims = {"preferred_username": "married"}
        server.log_in(other)
        assert who(client) == who(other) == "person:ann@corp"


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example"},
        {"aud": "another-client"},
        {"aud": ["sluiceway", "another"]},
        {"azp": "another"},
        {"nonce": "of another login"},
        {"nonce": None},
        {"exp": 1},
        {"exp": None},
        {"iat": 2_000_000_000},
        {"iat": None},
        {"sub": None},
        {"sub": ""},
        {"sub": "x" * 300},
        {"sub": 7},
        {"groups": "admins"},
        {"groups": [1]},
        {"groups": ["x" * 300]},
        {"groups": ["g"] * (MOST_GROUPS + 1)},
    ],
)
def test_asvs_10_5_an_id_token_that_is_not_for_this_login_logs_nobody_in(
    server: WithProvider, claims: dict[str, Any]
) -> None:
    server.provider.claims = claims
    with server.browser() as client:
        assert server.log_in(client).status_code == 401
        assert who(client) == "anonymous:anonymous"
    assert server.records.people.page("", 10) == []


def test_asvs_9_1_an_unsigned_token_or_one_by_hmac_or_another_key_logs_nobody_in(server: WithProvider) -> None:
    stranger = StubProvider(keys=[new_key("k1")])
    for make in (unsigned, by_public_key(server.provider), stranger.signed, lambda claims: "x.y.z", lambda claims: ""):
        server.provider.token = make
        with server.browser() as client:
            assert server.log_in(client).status_code == 401
            assert who(client) == "anonymous:anonymous"


def test_a_provider_that_renews_its_keys_is_asked_for_them_once(server: WithProvider) -> None:
    with server.browser() as client, server.browser() as other:
        assert server.log_in(client).status_code == 303
        server.now += 30
        server.provider.keys.append(new_key("k2"))
        assert server.log_in(other).status_code == 303
    asked = server.provider.asked.count("/jwks")
    server.provider.token = lambda claims: StubProvider(keys=[new_key("made-up")]).signed(claims)
    for _ in range(5):
        with server.browser() as client:
            server.log_in(client)
    assert server.provider.asked.count("/jwks") == asked


def test_a_code_or_an_answer_counts_once(server: WithProvider) -> None:
    with server.browser() as client:
        back = server.to_provider(client)
        for status in (303, 401):
            assert client.get(f"{LOGIN}/callback", params=back, follow_redirects=False).status_code == status


def test_asvs_10_2_1_the_state_of_another_browser_logs_nobody_in(server: WithProvider) -> None:
    with server.browser() as victim, server.browser() as attacker:
        back = server.to_provider(attacker)
        server.to_provider(victim)
        assert victim.get(f"{LOGIN}/callback", params=back, follow_redirects=False).status_code == 401
        assert who(victim) == "anonymous:anonymous"


@pytest.mark.parametrize("state", ["", "x", "a" * 5_000])
def test_a_made_up_state_logs_nobody_in(server: WithProvider, state: str) -> None:
    with server.browser() as client:
        assert server.log_in(client, state=state).status_code == 401


def test_rfc_9207_the_answer_of_another_provider_is_refused(server: WithProvider) -> None:
    server.provider.document = {"authorization_response_iss_parameter_supported": True}
    with server.browser() as client:
        assert server.log_in(client, iss="https://evil.example").status_code == 401
        back = server.to_provider(client)
        del back["iss"]
        assert client.get(f"{LOGIN}/callback", params=back, follow_redirects=False).status_code == 401


def test_rfc_9700_an_answer_by_the_address_of_another_provider_is_refused(server: WithProvider) -> None:
    other = server.provider.registered()
    server.logins.providers.store.save(type(other)(**{**vars(other), "name": "other"}))
    with server.browser() as client:
        back = server.to_provider(client)
        assert client.get("/login/oidc/other/callback", params=back, follow_redirects=False).status_code == 401


def test_rfc_7636_the_code_of_another_verifier_is_refused_by_the_provider(server: WithProvider) -> None:
    with server.browser() as client:
        back = server.to_provider(client)
        server.provider.codes[back["code"]]["code_challenge"] = "stolen"
        assert client.get(f"{LOGIN}/callback", params=back, follow_redirects=False).status_code == 401


def test_userinfo_of_another_person_logs_nobody_in(server: WithProvider) -> None:
    server.provider.userinfo = {"sub": "somebody else", "groups": ["admins"]}
    with server.browser() as client:
        assert server.log_in(client).status_code == 401


def test_groups_come_from_both_and_are_of_the_provider_and_of_now(server: WithProvider) -> None:
    server.provider.claims, server.provider.userinfo = {"groups": ["a"]}, {"sub": "u1", "groups": ["b"]}
    with server.browser() as client:
        server.log_in(client)
        found = server.records.people.get("ann@corp")
        assert found is not None
        assert found.principal().groups == ("corp/a", "corp/b")
        server.provider.claims, server.provider.userinfo = {}, {"sub": "u1"}
        server.log_in(client)
        again = server.records.people.get("ann@corp")
        assert again is not None
        assert again.provider_groups == ()


def test_two_thousand_groups_log_in_and_no_cookie_grows(server: WithProvider) -> None:
    server.provider.claims = {"groups": [f"group-{number:04}" for number in range(2_000)]}
    with server.browser() as client:
        answer = server.log_in(client)
        assert answer.status_code == 303
        assert sum(map(len, answer.headers.get_list("set-cookie"))) < 400
        found = server.records.people.get("ann@corp")
        assert found is not None
        assert len(found.principal().groups) == 2_000


def test_a_stranger_is_not_admitted_where_nobody_says_so(server: WithProvider) -> None:
    server.registered(admits=False)
    with server.browser() as client:
        assert server.log_in(client).status_code == 401
    assert server.records.people.page("", 10) == []


def test_a_name_that_reads_like_a_registered_one_is_not_admitted(server: WithProvider) -> None:
    server.person("a-nn@corp")
    with server.browser() as client:
        assert server.log_in(client).status_code == 401


def test_a_disabled_person_of_a_provider_does_not_log_in(server: WithProvider) -> None:
    with server.browser() as client, server.browser() as other:
        server.log_in(client)
        server.records.people.disable("ann@corp", server.now, disabled=True)
        assert server.log_in(other).status_code == 401


def test_a_second_factor_of_a_provider_is_a_new_login_there_with_more_than_a_password(server: WithProvider) -> None:
    with server.browser() as client:
        server.log_in(client)
        for claims in (
            {},
            {"amr": ["pwd"]},
            {"amr": ["mfa"], "auth_time": server.now - 3_600},
            {"amr": ["mfa"], "auth_time": None},
        ):
            server.provider.claims = claims
            assert server.log_in(client, "?fresh=1").status_code == 401
        assert client.get("/who").json()["factor"] == 0
        server.provider.claims = {"amr": ["mfa"], "sub": "u2"}
        server.provider.userinfo = {"sub": "u2"}
        assert server.log_in(client, "?fresh=1").status_code == 401
        server.provider.claims, server.provider.userinfo = {"amr": ["mfa"]}, {"sub": "u1"}
        first = client.cookies.get(PLAIN)
        assert server.log_in(client, "?fresh=1&next=/me").headers["location"] == "/me"
        assert client.get("/who").json()["factor"] == server.now
        assert client.cookies.get(PLAIN) != first


def test_asvs_10_6_2_a_logout_at_the_provider_ends_its_sessions(server: WithProvider) -> None:
    with server.browser() as client, server.program() as provider:
        server.log_in(client)
        wrong: list[dict[str, Any]] = [
            {"iss": "https://evil.example"},
            {"aud": "another"},
            {"events": {}},
            {"nonce": "x", "sub": "u1"},
            {"exp": 1, "sub": "u1"},
            {},
        ]
        for changes in wrong:
            token = server.provider.logout_token(**changes)
            assert provider.post(f"{LOGIN}/backchannel", data={"logout_token": token}).status_code == 401
        assert who(client) == "person:ann@corp"
        token = server.provider.logout_token(sid="s1")
        assert provider.post(f"{LOGIN}/backchannel", data={"logout_token": token}).status_code == 200
        assert who(client) == "anonymous:anonymous"


@pytest.mark.parametrize(
    "onward",
    ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "\t//evil.example", "@evil"],
)
def test_asvs_3_7_2_nobody_is_sent_on_to_another_site(server: WithProvider, onward: str) -> None:
    with server.browser() as client:
        there = client.get(LOGIN, params={"next": onward}, follow_redirects=False)
        back = server.provider.approve(there.headers["location"])
        answer = client.get(f"{LOGIN}/callback", params=back, follow_redirects=False)
        assert answer.headers["location"] == "/"


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ({"issuer": "https://evil.example"}, "SLW429"),
        ({"authorization_endpoint": "http://idp.example/a"}, "SLW429"),
        ({"authorization_endpoint": "https://user:pass@idp.example/"}, "SLW429"),
        ({"authorization_endpoint": ""}, "SLW429"),
    ],
)
def test_a_provider_that_sends_elsewhere_is_refused(server: WithProvider, document: dict[str, Any], code: str) -> None:
    server.provider.document = document
    with server.browser() as client:
        answer = client.get(LOGIN, follow_redirects=False)
        assert answer.status_code == 502
        assert code in answer.text


@pytest.mark.parametrize("name", ["nobody", "CORP", "x" * 200])
def test_a_provider_that_nobody_registered_is_none(server: WithProvider, name: str) -> None:
    with server.browser() as client:
        answer = client.get(f"/login/oidc/{name}", follow_redirects=False)
        assert answer.status_code == 404
        assert "SLW431" in answer.text


def test_a_provider_without_an_issuer_or_with_a_secret_in_the_database_is_not_registered(server: WithProvider) -> None:
    from domain.core.errors import DefinitionError

    for changes in ({"issuer": "http://idp.example"}, {"client_id": ""}, {"secret_from": "hunter2"}):
        with pytest.raises(DefinitionError) as caught:
            server.registered(**changes)
        assert caught.value.code == "SLW430"


def test_over_https_the_cookies_of_a_login_are_of_the_host_alone(tmp_path: Path) -> None:
    server = WithProvider(tmp_path, origin="https://sluiceway.example")
    with server.browser() as client:
        answer = server.log_in(client)
        assert any(one.startswith(f"{COOKIE}=") for one in answer.headers.get_list("set-cookie"))
        assert csrf(client)
