from __future__ import annotations

import json
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.core.canonical import MAX_INTEGER, canonical, text_to_sign
from domain.core.values import Json

SCALARS = st.none() | st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER) | st.text()
VALUES = st.recursive(SCALARS, lambda one: st.lists(one, max_size=4) | st.dictionaries(st.text(), one, max_size=4))


@given(VALUES)
def test_the_canonical_text_reads_back_as_the_value(value: Json) -> None:
    assert json.loads(canonical(value)) == value


@given(st.dictionaries(st.text(), st.integers(0, 9), max_size=6), st.randoms())
def test_the_order_in_which_keys_were_written_does_not_matter(value: dict[str, int], random: Random) -> None:
    keys = list(value)
    random.shuffle(keys)
    assert canonical({key: value[key] for key in keys}) == canonical(value)


def test_keys_are_sorted_by_utf_16_units_as_rfc_8785_shows() -> None:
    keys = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\x80", "\u00f6"]
    assert list(json.loads(canonical(dict.fromkeys(keys, 0)))) == [
        "\r",
        "1",
        "\x80",
        "\u00f6",
        "\u20ac",
        "\U0001f600",
        "\ufb33",
    ]


def test_control_characters_are_escaped_as_ecmascript_does() -> None:
    assert canonical('\x00\b\t\n\x0b\f\r"\\\x7f/') == b'"\\u0000\\b\\t\\n\\u000b\\f\\r\\"\\\\\x7f/"'


@pytest.mark.parametrize("value", [0.5, 1.0, float("nan"), 2**53, -(2**53), "\ud800"])
def test_what_readers_read_differently_has_no_canonical_text(value: float | str) -> None:
    with pytest.raises(ValueError, match=r"fraction|reader|JSON|surrogate"):
        canonical(value)


def test_a_signed_text_of_one_kind_is_never_one_of_another() -> None:
    assert text_to_sign("decision/v2", {"a": 1}) != text_to_sign("permit/v1", {"a": 1})
