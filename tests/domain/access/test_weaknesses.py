"""What is weak about a server."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.access.entrance import Entrance, local_url, unsafe
from domain.access.weaknesses import Facts, weaknesses

LOCAL = Entrance(host="127.0.0.1", port=8080, url=local_url(8080))
TLS = Entrance(host="192.0.2.7", port=443, url="https://ci.example.org", tls=True)
WELL = Facts(user="sluiceway", administrators=("person:ann", "person:bob"), embedded=False, shared_records=True)
NOW = 1_800_000_000.0


def weak(entrance: Entrance, facts: Facts) -> list[str]:
    return [one.text for one in weaknesses(entrance, facts, NOW) if one.weak]


def test_what_is_set_up_well_is_not_weak() -> None:
    assert weak(LOCAL, WELL) == weak(TLS, WELL) == []


@pytest.mark.parametrize(
    ("entrance", "facts", "told"),
    [
        (replace(TLS, tls=False, trusted_proxy="10.0.0.1"), WELL, "nothing is encrypted between the proxy 10.0.0.1"),
        (TLS, replace(WELL, key_readers="everybody"), "can be read by everybody"),
        (TLS, replace(WELL, certificate_ends=NOW + 86_400), "ends in 1 days"),
        (TLS, replace(WELL, certificate_names=("other.example",)), "not for ci.example.org"),
        (TLS, replace(WELL, certificate_names=("*.org",)), "not for ci.example.org"),
        (LOCAL, replace(WELL, administrators=()), "nobody is an administrator"),
        (LOCAL, replace(WELL, administrators=("person:ann",)), "one administrator"),
        (LOCAL, replace(WELL, by_password=("eve",)), "eve"),
        (LOCAL, replace(WELL, user="root"), "as root"),
        (LOCAL, replace(WELL, temporal_open="no namespace"), "other users of this machine reach Temporal"),
        (LOCAL, replace(WELL, open_environments=True), "SLUICEWAY_OPEN_ENVIRONMENTS"),
        (LOCAL, replace(WELL, untold=("grant/7: person:eve admin engine:engine was never told",)), "grant/7"),
    ],
)
def test_what_is_weak_is_told(entrance: Entrance, facts: Facts, told: str) -> None:
    (text,) = weak(entrance, facts)
    assert told in text


def test_whose_user_the_server_is_is_told() -> None:
    assert any("runs as the engine's user" in one.text for one in weaknesses(TLS, WELL, NOW))


@pytest.mark.parametrize("name", ["ci.example.org", "*.example.org", "CI.example.ORG"])
def test_a_certificate_for_the_name_is_fine(name: str) -> None:
    assert weak(TLS, replace(WELL, certificate_names=(name,))) == []


@given(host=st.ip_addresses().map(str), tls=st.booleans(), proxy=st.one_of(st.just(""), st.ip_addresses().map(str)))
def test_whoever_may_listen_is_told_where_nothing_is_encrypted(host: str, tls: bool, proxy: str) -> None:
    entrance = Entrance(host=host, port=1, url="https://ci.example.org", tls=tls, trusted_proxy=proxy)
    if not unsafe(entrance) and not entrance.loopback and not tls:
        assert any("nothing is encrypted" in one for one in weak(entrance, WELL)) or proxy.startswith(("127.", "::1"))


@pytest.mark.parametrize("encrypted", [False, True])
def test_whether_temporal_keeps_plain_text_is_told(encrypted: bool) -> None:
    told = [one.text for one in weaknesses(LOCAL, replace(WELL, encrypted=encrypted), NOW)]
    assert any("not encrypted: whoever reaches it" in one for one in told) is not encrypted
