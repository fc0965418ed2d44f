"""Which requests a page of this machine answers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.core.local_http import Head, MalformedHeadError, forwarded, head_of, refusal

PORT = 8080
OURS = "127.0.0.1:8080"
NAMES = st.text(st.characters(codec="ascii", categories=["L", "N"], include_characters="-."), min_size=1, max_size=40)


def asked(method: str = "POST", **headers: str) -> str:
    given = {"host": OURS, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return refusal(Head(method, "/", list(given.items())), PORT)


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost:8080", "LOCALHOST:8080", "[::1]:8080"])
def test_this_machines_own_names_are_answered(host: str) -> None:
    assert not asked(host=host)
    assert not asked(origin=f"http://{host}", sec_fetch_site="same-origin")


@given(NAMES)
def test_no_other_name_is_answered_whatever_it_looks_like(name: str) -> None:
    if name.lower() not in ("localhost", "127.0.0.1"):
        assert asked(host=f"{name}:8080")
    assert asked(origin=f"http://{name}.example")


@pytest.mark.parametrize(
    "host", ["", "127.0.0.1", "127.0.0.1:80", "127.0.0.1:8080.evil.example", "evil.example", "0:8080"]
)
def test_a_host_that_is_not_exactly_ours_is_refused(host: str) -> None:
    assert "host" in asked("GET", host=host)


def test_a_link_from_elsewhere_opens_the_page_and_changes_nothing() -> None:
    assert not asked("GET", sec_fetch_site="cross-site", sec_fetch_mode="navigate")
    assert asked("POST", sec_fetch_site="cross-site", sec_fetch_mode="navigate")
    assert asked("GET", sec_fetch_site="cross-site", sec_fetch_mode="no-cors")


BROKEN = {
    "no version": b"GET /\r\n\r\n",
    "HTTP/2": b"GET / HTTP/2\r\n\r\n",
    "two hosts": b"GET / HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n",
    "two lengths": b"GET / HTTP/1.1\r\nContent-Length: 1\r\ncontent-length: 2\r\n\r\n",
    "a folded header": b"GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n",
    "a space before the colon": b"GET / HTTP/1.1\r\nHost : a\r\n\r\n",
    "a bare line feed": b"GET / HTTP/1.1\r\nA: b\nHost: a\r\n\r\n",
    "no colon": b"GET / HTTP/1.1\r\nHost\r\n\r\n",
}


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN.keys())
def test_a_head_that_two_readers_read_differently_is_none(data: bytes) -> None:
    with pytest.raises(MalformedHeadError):
        head_of(data)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_head_or_malformed(data: bytes) -> None:
    try:
        head = head_of(data)
    except MalformedHeadError:
        return
    assert head_of(forwarded(head, {})).method == head.method


def test_what_goes_on_is_one_request_for_the_server() -> None:
    head = head_of(b"POST /x HTTP/1.1\r\nHost: localhost:8080\r\nConnection: keep-alive\r\nA: b\r\n\r\n")
    onward = head_of(forwarded(head, {"host": "127.0.0.1:7"}))
    assert (onward.all("host"), onward.all("connection"), onward.all("a")) == (["127.0.0.1:7"], ["close"], ["b"])
