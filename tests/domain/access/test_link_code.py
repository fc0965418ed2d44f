"""The half of a code that a server gets tells nothing of the half that registers a key."""

from __future__ import annotations

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.access.link_code import HASH, key_seed_of, login_hash_of, login_of

codes = st.binary(min_size=32, max_size=32).map(lambda raw: base64.urlsafe_b64encode(raw).decode().rstrip("="))


@given(codes)
def test_both_halves_are_of_the_code_and_neither_is_the_code_or_the_other(code: str) -> None:
    login, key = login_of(code), key_seed_of(code)
    raw = base64.urlsafe_b64decode(code + "=")
    assert len({raw, base64.urlsafe_b64decode(login + "="), key}) == 3
    assert (login_of(code), key_seed_of(code)) == (login, key)
    assert key_seed_of(login) != key, "whoever has the half that logs in cannot make the other one of it"
    assert HASH.fullmatch(login_hash_of(code))
    assert login_hash_of(code) == hashlib.sha256(login.encode()).hexdigest()


@given(codes, codes)
def test_two_codes_have_no_half_in_common(one: str, other: str) -> None:
    assert (one == other) == (login_of(one) == login_of(other)) == (key_seed_of(one) == key_seed_of(other))


@given(st.one_of(st.text(max_size=42), st.text("é=+/", min_size=43, max_size=43)))
def test_what_is_no_code_has_no_halves(text: str) -> None:
    for half in (login_of, key_seed_of):
        with pytest.raises(ValueError, match="damaged"):
            half(text)
