"""What an identity provider has to say, whatever it says."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.access.oidc import (
    IdentityProvider,
    LoginAsked,
    asked_of,
    challenge_of,
    endpoint_complaint,
    groups_of,
    id_token_complaint,
    logout_complaint,
    name_of,
    way_there,
)
from domain.core import names

NOW = 1_800_000_000.0
CORP = IdentityProvider(name="corp", label="Corp", issuer="https://id.example", client_id="us")
ASKED = LoginAsked(provider="corp", nonce="nonce", verifier="verifier")
SOUND: dict[str, Any] = {"iss": CORP.issuer, "aud": "us", "sub": "u1", "nonce": "nonce", "iat": NOW, "exp": NOW + 60}
values = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.lists(st.text(max_size=5), max_size=3)
)
claims = st.dictionaries(st.sampled_from([*SOUND, "azp", "auth_time", "events", "sid"]), values)


@given(claims)
def test_no_claims_fail_and_only_those_of_this_login_are_taken(said: dict[str, Any]) -> None:
    logout_complaint(CORP, said, NOW)
    if id_token_complaint(CORP, said, ASKED, NOW) == "":
        assert (said["iss"], said["nonce"]) == (CORP.issuer, "nonce")
        assert "us" in said["aud"]
        assert isinstance(said["sub"], str)


@given(st.sampled_from(sorted(SOUND)), values)
def test_each_claim_counts(name: str, value: Any) -> None:
    assert id_token_complaint(CORP, SOUND, ASKED, NOW) == ""
    changed = {**SOUND, name: value}
    same = name == "sub" and isinstance(value, str) and value != ""
    later = name in ("iat", "exp") and isinstance(value, int | float)
    if changed != SOUND and not same and not later and value != ["us"]:
        assert id_token_complaint(CORP, changed, ASKED, NOW)


@given(st.lists(st.text(min_size=1, max_size=20), max_size=20))
def test_every_group_is_the_providers(groups: list[str]) -> None:
    found = groups_of(CORP, {"groups": groups}, {"groups": groups}, {})
    assert {*found} == {f"corp/{one}" for one in groups}
    assert list(found) == sorted(found)


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_new_person_has_a_name_that_no_local_person_has(wanted: str, subject: str) -> None:
    name = name_of(CORP, subject, {"preferred_username": wanted})
    assert names.is_person(name)
    assert name.endswith("@corp")


@given(st.text(max_size=60))
def test_nothing_is_sent_without_https_but_to_this_machine(text: str) -> None:
    for url in (text, f"http://{text}", f"https://{text}"):
        if endpoint_complaint(url) == "":
            parts = urlsplit(url)
            assert parts.scheme == "https" or parts.hostname in ("localhost", "127.0.0.1") or "localhost" in url


@pytest.mark.parametrize(
    "url",
    ["http://idp.example", "ftp://x", "https://", "https://a:b@x", "https://x/#y", "http://127.0.0.1.evil.example"],
)
def test_an_address_that_is_no_safe_endpoint_is_refused(url: str) -> None:
    assert endpoint_complaint(url)


def test_the_way_there_asks_for_this_login_alone_and_is_remembered_whole() -> None:
    asked = LoginAsked(provider="corp", nonce="n", verifier="v", onward="/x", session="s", max_age=0)
    query = parse_qs(urlsplit(way_there(CORP, "https://id.example/a?b=c", asked, "state", "https://us/back")).query)
    assert (query["b"], query["state"], query["nonce"], query["max_age"]) == (["c"], ["state"], ["n"], ["0"])
    assert query["code_challenge"] == [challenge_of("v")]
    assert asked_of(asked.plain()) == asked
