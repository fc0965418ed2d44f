"""Credentials cross no network in the clear, and go to nobody that an address hides."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.core.errors import DefinitionError
from workers.remote.origin import is_loopback, origin_of


@pytest.mark.parametrize(
    ("typed", "origin"),
    [
        ("sluiceway.example.com", "https://sluiceway.example.com"),
        ("https://Sluiceway.example.com:8443/inbox?x#y", "https://sluiceway.example.com:8443"),
        ("http://sluiceway.localhost:8080", "http://sluiceway.localhost:8080"),
        ("http://[::1]:80", "http://[::1]:80"),
    ],
)
def test_the_origin_of_an_address_is_kept(typed: str, origin: str):
    assert origin_of(typed) == origin


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "http://example.com",
        "http://localhost.example.com",
        "http://169.254.169.254",
        "http://[::ffff:8.8.8.8]",
        "https://user@example.com",
        "https://user:password@localhost",
        "https://localhost@example.com",
        "ftp://localhost",
        "file:///etc/passwd",
        "https://host:99999",
        "https://[",
    ],
)
def test_an_unsafe_address_is_refused(typed: str):
    with pytest.raises(DefinitionError, match="not safe") as raised:
        origin_of(typed)
    assert raised.value.code == "SLW475"


@given(st.text(max_size=60))
def test_whatever_is_typed_is_https_or_of_this_machine(text: str):
    try:
        origin = origin_of(text)
    except DefinitionError:
        return
    assert origin.startswith("https://") or is_loopback(origin.removeprefix("http://").rsplit(":", 1)[0].strip("[]"))
    assert "@" not in origin
