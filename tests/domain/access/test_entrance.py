"""Where the server may listen, and who a request comes from."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.access.entrance import (
    Entrance,
    client_address,
    is_loopback,
    local_url,
    may_connect,
    network_of,
    unsafe,
    wrong_url,
)

addresses = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)).map(str)
anything = st.one_of(st.text(max_size=30), addresses)
LOCAL = Entrance(host="127.0.0.1", port=8080, url=local_url(8080))
PUBLIC = Entrance(host="0.0.0.0", port=443, url="https://ci.example.org", tls=True)


@given(host=anything, proxy=anything)
def test_beyond_this_machine_nothing_listens_without_tls(host: str, proxy: str) -> None:
    asked = replace(LOCAL, host=host, trusted_proxy=proxy)
    if not unsafe(asked) and not is_loopback(host):
        assert proxy
        ip_address(proxy)


@given(host=addresses)
def test_with_a_certificate_it_may_listen_anywhere(host: str) -> None:
    assert unsafe(replace(PUBLIC, host=host)) == ""


def test_a_network_is_no_trusted_proxy() -> None:
    assert "one address" in unsafe(replace(PUBLIC, trusted_proxy="10.0.0.0/8"))


@pytest.mark.parametrize(
    "url",
    [
        *("http://127.0.0.1:8080", "http://localhost:8080", "http://[::1]", "ftp://x.example", "http://", "x"),
        *("http://u:p@x.example", "http://x.example/path", "http://x.example?q", "http://x.example/"),
    ],
)
def test_people_come_by_a_host_name_of_its_own(url: str) -> None:
    assert wrong_url(replace(LOCAL, url=url))


def test_from_other_machines_people_come_by_https() -> None:
    assert wrong_url(replace(PUBLIC, tls=False, trusted_proxy="10.0.0.1", url="http://ci.example.org"))
    assert wrong_url(replace(PUBLIC, url="http://ci.example.org"))
    assert wrong_url(PUBLIC) == wrong_url(LOCAL) == ""


@given(peer=addresses, told=st.lists(anything, max_size=3), proxy=st.one_of(st.just(""), addresses))
def test_only_the_trusted_proxy_says_who_a_request_comes_from(peer: str, told: list[str], proxy: str) -> None:
    found = client_address(peer, told, proxy)
    if peer != proxy:
        assert found == peer
    ip_address(found)


@given(invented=st.lists(anything, max_size=3), client=addresses)
def test_what_a_client_invents_before_the_proxy_counts_for_nothing(invented: list[str], client: str) -> None:
    told = [*invented, f"6.6.6.6, {client}"]
    found = ip_address(client_address("10.0.0.1", told, "10.0.0.1"))
    assert found in {ip_address(client), getattr(ip_address(client), "ipv4_mapped", None)}


def test_past_the_proxy_only_this_machine_gets_in() -> None:
    behind = replace(PUBLIC, tls=False, trusted_proxy="10.0.0.1")
    allowed = {peer: may_connect(behind, peer) for peer in ("10.0.0.1", "::ffff:10.0.0.1", "127.0.0.1", "10.0.0.2", "")}
    assert allowed == {"10.0.0.1": True, "::ffff:10.0.0.1": True, "127.0.0.1": True, "10.0.0.2": False, "": False}


@given(high=st.integers(1, 2**64 - 1), one=st.integers(0, 2**64 - 1), other=st.integers(0, 2**64 - 1))
def test_addresses_of_one_64_are_counted_as_one(high: int, one: int, other: int) -> None:
    assert network_of(str(IPv6Address((high << 64) + one))) == network_of(str(IPv6Address((high << 64) + other)))


@given(anything)
def test_every_text_has_a_network(text: str) -> None:
    assert network_of(text)
