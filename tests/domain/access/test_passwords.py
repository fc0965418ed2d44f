"""Which passwords are none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.access.passwords import LEAST, MOST, complaint


@pytest.mark.parametrize(
    "password",
    [
        "",
        "short",
        "password1234",
        "PasswordPassword",
        "aaaaaaaaaaaaaaaa",
        "abcdefghijklmnop",
        "qwertyuiop1234567890",
        "ann.smith2024ann.smith",
        "x" * (MOST + 1),
    ],
)
def test_asvs_6_2_what_everybody_guesses_is_none(password: str) -> None:
    assert complaint(password, "ann.smith")


@pytest.mark.parametrize("password", ["correct horse battery staple", "한국어 비밀번호 열두 글자 이상", "vB7#kq9!Lm2x"])
def test_length_is_enough_whatever_signs_it_has(password: str) -> None:
    assert complaint(password, "ann.smith") == ""


@given(st.text(max_size=MOST + 10), st.text(max_size=20))
def test_it_never_fails_and_never_takes_a_short_one(password: str, person: str) -> None:
    if complaint(password, person) == "":
        assert LEAST <= len(password) <= MOST
