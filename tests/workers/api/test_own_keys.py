"""One's own keys: a browser makes one, another key or an invitation vouches for it, and the signer has the last word."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from litestar.testing import TestClient

from activities.access.key_registry import one_time_key
from activities.access.private_keys import public_half
from activities.access.secret_values import new
from domain.access.keys import KeyKind, KeyProof, PersonKey
from domain.access.link_code import login_of
from domain.authority.registrations import ADMINISTRATOR, Registration, Topic, registration_of
from tests.support.authenticator import Authenticator, made
from tests.support.link_codes import asked_for
from tests.workers.api.logging_in import Server, answer, csrf

ME = "/api/v1/me/keys"


@pytest.fixture
def server(tmp_path: Path) -> Server:
    return Server(tmp_path)


def logged_in(server: Server, client: TestClient[Any], code: str = "") -> str:
    """By a one-time link; its code."""
    code = code or server.link()
    client.post("/api/v1/login/link", json={"login": login_of(code)})
    client.headers.update(csrf(client))
    return code


def proposed(client: TestClient[Any], passkey: Authenticator) -> Any:
    begun = client.post(f"{ME}/options").json()
    body = {"state": begun["state"], "credential": made(passkey, begun["options"]), "label": "laptop"}
    return client.post(f"{ME}/passkey", json=body)


def signed(asked: dict[str, Any], signer: Any) -> dict[str, Any]:
    """The proof of a statement that somebody was asked to sign."""
    return {"state": asked["state"], **vars(signer(registration_of(asked["statement"]).text()))}


def of_code(code: str) -> Any:
    """Signs texts of statements as the key of a code."""
    return lambda text: KeyProof(base64.b64encode(one_time_key(code).sign(text)).decode())


def test_the_first_passkey_is_registered_by_the_code_of_the_link_and_logs_in(server: Server) -> None:
    server.person()
    passkey = Authenticator()
    with server.browser() as client:
        code = logged_in(server, client)
        asked = proposed(client, passkey).json()
        assert client.post(ME, json=signed(asked, of_code(code))).status_code == 204
        assert [one["label"] for one in client.get(ME).json()] == ["laptop"]
    with server.browser() as other:
        said = answer(other, passkey.sign, handle=passkey.person_key.id)
        assert other.post("/api/v1/login/key", json=said).json()["person"] == "ann"


def test_a_code_registers_one_key(server: Server) -> None:
    server.person()
    with server.browser() as client:
        code = logged_in(server, client)
        for status in (204, 409):
            asked = proposed(client, Authenticator()).json()
            assert client.post(ME, json=signed(asked, of_code(code))).status_code == status


def test_another_key_vouches_for_the_next_one_and_declares_one_lost(server: Server) -> None:
    first, second = Authenticator(), Authenticator()
    server.person("ann", first.person_key)
    with server.browser() as client:
        logged_in(server, client)
        asked = proposed(client, second).json()
        assert client.post(ME, json=signed(asked, first.sign)).status_code == 204
        fingerprint = first.person_key.fingerprint
        asked = client.post(f"{ME}/lost", json={"fingerprint": fingerprint}).json()
        assert client.post(ME, json=signed(asked, second.sign)).status_code == 204
        assert [one["kind"] for one in client.get(ME).json()] == ["passkey"]


def test_a_key_that_the_list_refuses_is_not_told_to_the_signer(server: Server) -> None:
    first, second = Authenticator(), Authenticator()
    server.person("ann", first.person_key)
    with server.browser() as client:
        logged_in(server, client)
        twice = [proposed(client, second).json() for _ in "ab"]
        said = [client.post(ME, json=signed(asked, first.sign)) for asked in twice]
        assert [one.status_code for one in said] == [204, 409]
        assert said[1].json()["code"] == "SLW424"
        assert len(client.get(ME).json()) == 2


def test_who_stole_a_session_registers_no_key(server: Server) -> None:
    mine, stranger = Authenticator(), Authenticator()
    server.person("ann", mine.person_key)
    with server.browser() as client:
        code = logged_in(server, client)
        for wrong in ("", "AAAA", "\u00e9"):
            asked = proposed(client, stranger).json()
            said = client.post(ME, json={"state": asked["state"], "signature": wrong})
            assert (said.status_code, said.json()["code"]) == (409, "SLW435")
        for signer in (stranger.sign, of_code(login_of(code))):
            asked = proposed(client, stranger).json()
            assert client.post(ME, json=signed(asked, signer)).json()["code"] == "SLW435"


def test_a_statement_is_signed_once_in_its_own_session(server: Server) -> None:
    passkey = Authenticator()
    server.person("ann", passkey.person_key)
    with server.browser() as client, server.browser() as other:
        logged_in(server, client)
        logged_in(server, other)
        asked = proposed(client, Authenticator()).json()
        said = signed(asked, passkey.sign)
        assert other.post(ME, json=said).json()["code"] == "SLW422"
        assert client.post(ME, json=said).status_code == 204
        assert client.post(ME, json=said).json()["code"] == "SLW422"


def test_a_passkey_of_another_origin_or_without_a_look_at_its_owner_is_refused(server: Server) -> None:
    server.person()
    with server.browser() as client:
        logged_in(server, client)
        for passkey in (Authenticator(origin="https://evil.example"), Authenticator(rp="evil.example")):
            assert proposed(client, passkey).json()["code"] == "SLW424"
        assert proposed(client, Authenticator(flags=1)).json()["code"] == "SLW424"


@pytest.mark.parametrize(
    "answered", [{}, {"id": "x"}, {"response": {"attestationObject": "////"}}, {"x": "y" * 70_000}]
)
def test_whatever_a_browser_answers_it_is_no_key(server: Server, answered: dict[str, Any]) -> None:
    server.person()
    with server.browser() as client:
        logged_in(server, client)
        state = client.post(f"{ME}/options").json()["state"]
        said = client.post(f"{ME}/passkey", json={"state": state, "credential": answered})
        assert said.json()["code"] == "SLW424"


def test_a_passkey_belongs_to_one_person(server: Server) -> None:
    server.person("ann")
    server.person("bob")
    passkey = Authenticator()
    for name, status in (("ann", 200), ("bob", 409)):
        with server.browser() as client:
            code = logged_in(server, client, server.link(name))
            said = proposed(client, passkey)
            assert said.status_code == status
            if status == 200:
                client.post(ME, json=signed(said.json(), of_code(code)))


def test_a_key_of_a_file_and_one_of_a_browser_are_handed_in(server: Server) -> None:
    key, web = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    server.person("ann", PersonKey(kind=KeyKind.ED25519, public=public_half(key)))

    def sign(text: bytes) -> KeyProof:
        return KeyProof(base64.b64encode(key.sign(text)).decode())

    raw = base64.b64encode(web.public_key().public_bytes_raw()).decode()
    with server.browser() as client:
        logged_in(server, client)
        asked = client.post(f"{ME}/file", json={"kind": "browser", "public": raw}).json()
        assert client.post(ME, json=signed(asked, sign)).status_code == 204
        assert {one["kind"] for one in client.get(ME).json()} == {"browser", "ed25519"}
        for wrong in (
            {"kind": "passkey", "public": raw},
            {"kind": "browser", "public": "AAAA"},
            {"kind": "ssh", "public": ""},
        ):
            assert client.post(f"{ME}/file", json=wrong).json()["code"] in ("SLW424", "SLW024")


def test_nobody_has_keys_without_a_login(server: Server) -> None:
    with server.browser() as client:
        for step in ("/options", "/lost", ""):
            assert client.post(f"{ME}{step}", json={"fingerprint": "x", "state": "x"}).json()["code"] == "SLW425"


def test_an_administrators_key_confirms_a_first_one(server: Server) -> None:
    admin, first = Authenticator(), Authenticator()
    server.person("ann", admin.person_key)
    server.registry.register(
        Registration(topic=Topic.PERSON, name="ann", body={"groups": [], "roles": [ADMINISTRATOR]})
    )
    server.person("bob")
    with server.browser() as client:
        code = logged_in(server, client, server.link("bob"))
        client.post(ME, json=signed(proposed(client, first).json(), of_code(code)))
        assert [one["confirmed"] for one in client.get(ME).json()] == [False]
        asked = {"name": "bob", "fingerprint": first.person_key.fingerprint}
        with server.browser() as other:
            logged_in(server, other)
            said = other.post("/api/v1/me/confirmations", json=asked).json()
            assert client.post(ME, json=signed(said, first.sign)).json()["code"] == "SLW422"
            assert other.post(ME, json=signed(said, admin.sign)).status_code == 204
        assert [one["confirmed"] for one in client.get(ME).json()] == [True]
    assert [one.confirmed for one in server.records.credentials.of("bob")] == [True]


def test_an_administrators_key_invites_and_the_server_alone_cannot(server: Server) -> None:
    admin, other = Authenticator(), Authenticator()
    server.person("ann", admin.person_key)
    server.registry.register(
        Registration(topic=Topic.PERSON, name="ann", body={"groups": [], "roles": [ADMINISTRATOR]})
    )
    server.person("bob", other.person_key)
    with server.browser() as client:
        logged_in(server, client)
        code = new()
        made = client.post("/api/v1/me/invitations", json=asked_for("eve", code, "ops")).json()
        with server.browser() as early:
            assert early.post("/api/v1/login/link", json={"login": login_of(code)}).status_code == 401
        assert client.post(ME, json=signed(made, other.sign)).json()["code"] == "SLW435"
        made = client.post("/api/v1/me/invitations", json=asked_for("eve", code, "ops")).json()
        assert client.post(ME, json=signed(made, admin.sign)).status_code == 204
        for wrong, refused in (
            ({"name": "../x"}, "SLW506"),
            ({"login_hash": "x"}, "SLW424"),
            ({"public": "AAAA"}, "SLW024"),
        ):
            said = client.post("/api/v1/me/invitations", json=asked_for("eve", code) | wrong)
            assert said.json()["code"] == refused
    assert login_of(code) not in str(server.records.database.rows("select * from login_links"))
    with server.browser() as invited:
        assert logged_in(server, invited, code)
        asked = proposed(invited, Authenticator()).json()
        assert invited.post(ME, json=signed(asked, of_code(code))).status_code == 204
    found = server.registry.person("eve")
    assert found is not None
    assert found.groups == ("ops",)
