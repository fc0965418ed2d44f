from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.core.names import complaint, is_name


@pytest.mark.parametrize("name", ["a", "production", "web-shop", "r2d2", "0", "a" * 63])
def test_labels_of_dns_are_names(name: str) -> None:
    assert is_name(name)
    assert not complaint(name)


@pytest.mark.parametrize(
    "text", ["", "A", "Production", "a_b", "a.b", "a/b", "..", "-a", "a-", "a b", "a\n", "ä", "\u0661", "a" * 64, "a\0"]
)
def test_what_could_be_read_as_a_path_a_route_or_another_name_is_none(text: str) -> None:
    assert not is_name(text)
    assert complaint(text)


@given(st.text(max_size=70))
def test_each_text_is_a_name_or_has_a_complaint(text: str) -> None:
    assert is_name(text) is (complaint(text) == "")
