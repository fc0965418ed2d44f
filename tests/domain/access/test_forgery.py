"""The token of a session's own pages."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from domain.access.forgery import complaint, token_of


@given(st.text(min_size=1, max_size=60), st.text(max_size=60))
def test_only_the_token_of_the_same_session_changes_something(secret: str, token: str) -> None:
    assert complaint("POST", secret, token_of(secret)) == ""
    assert (complaint("post", secret, token) == "") == (token == token_of(secret))
    assert complaint("GET", secret, token) == ""
    assert complaint("POST", "", token) == ""


@given(st.text(max_size=60), st.text(max_size=60))
def test_nobody_finds_a_session_by_its_token(one: str, other: str) -> None:
    assert (token_of(one) == token_of(other)) == (one == other)
    assert one not in token_of(one) or len(one) < 6
