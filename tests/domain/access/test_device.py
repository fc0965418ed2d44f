"""The code of a command line that waits: read off one screen and typed on another."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from domain.access.device import INTERVAL_S, LENGTH, LETTERS, Asking, too_soon, typed, user_code


@given(st.integers(0, 2**128 - 1))
def test_a_code_is_understood_however_it_is_typed(random: int) -> None:
    code = user_code(random)
    assert len(code) == LENGTH + 1
    for way in (code, code.lower(), code.replace("-", ""), f" {code.replace('-', ' ')} "):
        assert typed(way) == code


@given(st.text(max_size=20), st.integers(0, 2**128 - 1), st.sampled_from("AEIOU0158-Y"))
def test_what_is_no_code_is_none(text: str, random: int, other: str) -> None:
    found = typed(text)
    assert not found or (len(found) == LENGTH + 1 and set(found) <= {*LETTERS, "-"})
    assert typed(user_code(random)[:-1] + other) == ""


@given(st.integers(0, len(LETTERS) ** LENGTH - 1), st.integers(0, len(LETTERS) ** LENGTH - 1))
def test_two_numbers_are_two_codes(one: int, other: int) -> None:
    assert (user_code(one) == user_code(other)) == (one == other)


@given(st.floats(0, 100))
def test_whoever_asks_too_often_is_told_to_wait(after: float) -> None:
    asking = Asking(host="", address="", agent="", created_at=0, expires_at=600, polled_at=1_000)
    assert too_soon(asking, 1_000 + after) == (1_000 + after - 1_000 < INTERVAL_S - 0.5)
