"""Logins and sessions, as clients see them. Numbers are of the OWASP ASVS 5.0."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from activities.access.private_keys import public_half
from domain.access.forgery import token_of
from domain.access.keys import KeyKind, KeyProof, PersonKey
from domain.access.link_code import login_of
from domain.access.session import IDLE_S, MOST_S
from tests.support.authenticator import Authenticator
from tests.workers.api.logging_in import Server, answer, csrf
from workers.api.auth import COOKIE, PLAIN


@pytest.fixture
def server(tmp_path: Path) -> Server:
    return Server(tmp_path)


def test_a_one_time_link_logs_in_once(server: Server) -> None:
    server.person()
    code = server.link()
    with server.browser() as first, server.browser() as second:
        assert first.post("/api/v1/login/link", json={"login": login_of(code)}).json()["person"] == "ann"
        assert first.get("/who").json()["id"] == "person:ann"
        refused = second.post("/api/v1/login/link", json={"login": login_of(code)})
        assert (refused.status_code, refused.json()["code"]) == (401, "SLW420")
        assert second.get("/who").json()["id"] == "anonymous:anonymous"
    assert "unknown, used or over" in server.denials()[0]


@pytest.mark.parametrize("code", ["", "x", "a" * 43, "a" * 10_000, "\u0000", "../../etc"])
def test_a_link_that_nobody_made_logs_nobody_in(server: Server, code: str) -> None:
    with server.browser() as client:
        assert client.post("/api/v1/login/link", json={"login": code}).json()["code"] == "SLW420"


def test_a_passkey_logs_in_and_is_a_second_factor(server: Server) -> None:
    passkey = Authenticator()
    server.person("ann", passkey.person_key)
    with server.browser() as client:
        found = client.post("/api/v1/login/key", json=answer(client, passkey.sign, person="ann")).json()
        assert (found["person"], found["second_factor"], found["token"]) == ("ann", True, "")
        assert client.get("/who").json()["factor"] == server.now


def test_a_key_of_a_file_logs_a_command_line_in(server: Server) -> None:
    key = Ed25519PrivateKey.generate()
    server.person("ann", PersonKey(kind=KeyKind.ED25519, public=public_half(key)))

    def sign(text: bytes) -> KeyProof:
        return KeyProof(base64.b64encode(key.sign(text)).decode())

    with server.program() as client:
        found = client.post("/api/v1/login/key", json=answer(client, sign, person="ann", browser=False)).json()
        assert found["token"].startswith("sll_")
        headers = {"Authorization": f"Bearer {found['token']}"}
        assert client.get("/who", headers=headers).json()["id"] == "person:ann"
        assert client.get("/who").json()["id"] == "anonymous:anonymous"
        assert client.post("/change", headers=headers).json()["id"] == "person:ann"


def test_an_answer_counts_once_and_only_by_the_key_of_the_person(server: Server) -> None:
    passkey, other = Authenticator(), Authenticator()
    server.person("ann", passkey.person_key)
    server.person("bob", other.person_key)
    with server.browser() as client:
        said = answer(client, passkey.sign, person="ann")
        assert client.post("/api/v1/login/key", json={**said, "person": "bob"}).status_code == 401
        assert client.post("/api/v1/login/key", json=said).status_code == 401
        assert client.post("/api/v1/login/key", json=answer(client, other.sign, person="ann")).status_code == 401
        assert client.post("/api/v1/login/key", json=answer(client, passkey.sign, person="nobody")).status_code == 401


def test_asvs_6_3_8_nobody_learns_who_is_registered(server: Server) -> None:
    passkey = Authenticator()
    server.person("ann", passkey.person_key)
    with server.browser() as client:
        answers = []
        for person in ("ann", "nobody", "..", "x" * 5_000):
            asked = client.post("/api/v1/login/question").json()
            assert asked["passkeys"] == []
            said = {"state": asked["state"], "signature": "AAAA", "person": person}
            answers.append(client.post("/api/v1/login/key", json=said).json())
    assert all(one == answers[0] for one in answers)


def test_the_question_of_another_server_cannot_be_passed_on(server: Server) -> None:
    passkey = Authenticator(origin="https://evil.example", rp="evil.example")
    mine = Authenticator()
    mine.key, mine.id = passkey.key, passkey.id
    server.person("ann", mine.person_key)
    with server.browser() as client:
        assert client.post("/api/v1/login/key", json=answer(client, passkey.sign, person="ann")).status_code == 401


def test_asvs_7_2_4_a_login_and_a_second_factor_get_a_new_secret(server: Server) -> None:
    passkey = Authenticator()
    server.person("ann", passkey.person_key)
    chosen = {"Cookie": f"{PLAIN}=chosen-by-somebody-else", "X-CSRF-Token": token_of("chosen-by-somebody-else")}
    with server.browser() as client:
        client.post("/api/v1/login/link", json={"login": login_of(server.link())}, headers=chosen)
        first = client.cookies.get(PLAIN)
        assert first != "chosen-by-somebody-else"
        assert client.get("/who").json()["factor"] == 0
        said = answer(client, passkey.sign, "/api/v1/login/step-up")
        assert client.post("/api/v1/login/step-up", json=said, headers=csrf(client)).json()["second_factor"]
        second = client.cookies.get(PLAIN)
        assert second != first
        assert client.get("/who").json()["factor"] == server.now
        assert client.get("/who", headers={"Cookie": f"{PLAIN}={first}"}).json()["id"] == "anonymous:anonymous"


def test_a_login_is_no_second_factor_and_the_other_way_round(server: Server) -> None:
    passkey = Authenticator()
    server.person("ann", passkey.person_key)
    with server.browser() as client, server.browser() as other:
        client.post("/api/v1/login/link", json={"login": login_of(server.link())})
        said = answer(client, passkey.sign)
        assert client.post("/api/v1/login/step-up", json=said, headers=csrf(client)).status_code == 401
        said = answer(client, passkey.sign, "/api/v1/login/step-up")
        assert other.post("/api/v1/login/key", json={**said, "person": "ann"}).status_code == 401
        assert other.post("/api/v1/login/step-up/question").json()["code"] == "SLW425"


def test_a_browsers_key_is_no_second_factor(server: Server) -> None:
    key = Ed25519PrivateKey.generate()
    server.person("ann", PersonKey(kind=KeyKind.BROWSER, public=public_half(key)))

    def sign(text: bytes) -> KeyProof:
        return KeyProof(base64.b64encode(key.sign(text)).decode(), "browser")

    with server.browser() as client:
        found = client.post("/api/v1/login/key", json=answer(client, sign, person="ann")).json()
        assert not found["second_factor"]
        said = answer(client, sign, "/api/v1/login/step-up")
        assert client.post("/api/v1/login/step-up", json=said, headers=csrf(client)).status_code == 401


def test_asvs_7_3_1_a_session_ends_when_nobody_uses_it(server: Server) -> None:
    server.person()
    with server.browser() as client:
        client.post("/api/v1/login/link", json={"login": login_of(server.link())})
        server.now += IDLE_S - 1
        assert client.get("/who").json()["id"] == "person:ann"
        server.now += IDLE_S
        assert client.get("/who").json()["id"] == "anonymous:anonymous"


def test_asvs_7_3_2_a_session_ends_after_twelve_hours(server: Server) -> None:
    server.person()
    with server.browser() as client:
        client.post("/api/v1/login/link", json={"login": login_of(server.link())})
        for _ in range(int(MOST_S // 1200) - 1):
            server.now += 1200
            assert client.get("/who").json()["id"] == "person:ann"
        server.now += 1200
        assert client.get("/who").json()["id"] == "anonymous:anonymous"


def test_asvs_7_4_1_a_logout_ends_the_session_on_the_server(server: Server) -> None:
    server.person()
    with server.browser() as client:
        client.post("/api/v1/login/link", json={"login": login_of(server.link())})
        secret = client.cookies.get(PLAIN)
        client.post("/api/v1/logout", headers=csrf(client))
        assert not client.cookies.get(PLAIN)
        assert client.get("/who", headers={"Cookie": f"{PLAIN}={secret}"}).json()["id"] == "anonymous:anonymous"


def test_asvs_7_4_2_a_disabled_person_is_out_at_once_and_cannot_log_in(server: Server) -> None:
    server.person()
    with server.browser() as client:
        client.post("/api/v1/login/link", json={"login": login_of(server.link())})
        server.records.people.disable("ann", server.now, disabled=True)
        assert client.get("/who").json()["id"] == "anonymous:anonymous"
        assert (
            client.post("/api/v1/login/link", json={"login": login_of(server.link())}, headers=csrf(client)).status_code
            == 401
        )


def test_asvs_3_3_a_cookie_is_bound_to_its_host_and_no_script_reads_it(tmp_path: Path) -> None:
    server = Server(tmp_path, origin="https://sluiceway.example")
    server.person()
    with server.browser() as client:
        said = client.post("/api/v1/login/link", json={"login": login_of(server.link())}).headers["set-cookie"]
    name, *flags = (part.strip() for part in said.split(";"))
    assert name.startswith(f"{COOKIE}=")
    assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax"} <= {*flags}
    assert not any(flag.lower().startswith("domain") for flag in flags)


def test_a_plain_cookie_means_nothing_over_https(tmp_path: Path) -> None:
    server = Server(tmp_path, origin="https://sluiceway.example")
    server.person()
    with server.browser() as client:
        client.post("/api/v1/login/link", json={"login": login_of(server.link())})
        secret = client.cookies.get(COOKIE)
        client.cookies.clear()
        client.cookies.set(PLAIN, str(secret))
        assert client.get("/who").json()["id"] == "anonymous:anonymous"


def test_a_browser_that_keeps_host_cookies_over_http_gets_one(server: Server) -> None:
    server.person()
    with server.browser(Cookie="__Host-sluiceway-probe=1") as client:
        said = client.post("/api/v1/login/link", json={"login": login_of(server.link())}).headers["set-cookie"]
        assert said.startswith(f"{COOKIE}=")
        assert "__Host-sluiceway-probe=1" in client.get("/api/v1/login/probe").headers["set-cookie"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost:8080"},
        {"Sec-Fetch-Site": "", "Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "", "Origin": "null"},
        {"Sec-Fetch-Site": "", "Origin": ""},
        {"X-CSRF-Token": "0" * 32},
    ],
)
def test_asvs_3_5_1_another_site_changes_nothing(server: Server, headers: dict[str, str]) -> None:
    server.person()
    with server.browser() as client:
        client.post("/api/v1/login/link", json={"login": login_of(server.link())})
        assert client.post("/change", headers=csrf(client)).status_code == 200
        said = client.post("/change", headers={**csrf(client), **headers})
        assert (said.status_code, said.json()["code"]) in ((403, "SLW423"), (403, "SLW453"))


@pytest.mark.parametrize("kind", ["text/plain", "multipart/form-data", "application/x-www-form-urlencoded"])
def test_asvs_3_5_2_a_form_of_any_kind_without_the_token_changes_nothing(server: Server, kind: str) -> None:
    server.person()
    with server.browser() as client:
        client.post("/api/v1/login/link", json={"login": login_of(server.link())})
        said = client.post("/change", content=b"csrf=no", headers={"Content-Type": kind})
        assert said.status_code == 403
        token = csrf(client)["X-CSRF-Token"]
        assert client.post("/change", data={"csrf": token}).status_code == 200


def test_a_login_of_another_site_is_refused(server: Server) -> None:
    server.person()
    with server.browser(Origin="https://evil.example") as client:
        assert client.post("/api/v1/login/link", json={"login": login_of(server.link())}).json()["code"] == "SLW453"


@pytest.mark.parametrize("token", ["", "x", "slw_", "slw_" + "a" * 43, "sll_" + "a" * 43, "a" * 9_999])
def test_a_token_that_nobody_made_is_nobody_also_beside_a_cookie(server: Server, token: str) -> None:
    server.person()
    with server.browser() as client:
        client.post("/api/v1/login/link", json={"login": login_of(server.link())})
        headers = {"Authorization": f"Bearer {token}"}
        assert client.get("/who", headers=headers).json()["id"] == "anonymous:anonymous"
