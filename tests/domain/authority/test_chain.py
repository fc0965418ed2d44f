"""A log whose lines were changed, taken out, moved or added is no chain any more."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.authority.chain import FIRST, BrokenChainError, Entry, entries, hash_of, line_of, whole_lines


def log(count: int) -> list[bytes]:
    lines: list[bytes] = []
    for number in range(1, count + 1):
        before = hash_of(lines[-1]) if lines else FIRST
        lines.append(line_of(Entry(number, 0, before, "permit", {"subject": str(number)})))
    return lines


def test_a_whole_log_is_read():
    assert [entry.body["subject"] for entry in entries(log(3))] == ["1", "2", "3"]


@given(st.integers(0, 3), st.sampled_from(["change", "remove", "repeat", "swap"]))
def test_a_line_that_was_tampered_with_is_found(at, how):
    lines = log(5)
    match how:
        case "change":
            lines[at] = lines[at].replace(b'"subject":"', b'"subject":"x')
        case "remove":
            del lines[at]
        case "repeat":
            lines.insert(at, lines[at])
        case "swap":
            lines[at], lines[at + 1] = lines[at + 1], lines[at]

    with pytest.raises(BrokenChainError, match="line"):
        list(entries(lines))


@given(st.integers(0, 200))
def test_a_torn_last_line_is_told_from_the_rest(cut):
    data = b"".join(log(2))
    whole, torn = whole_lines(data[: len(data) - cut])

    assert whole + torn == data[: len(data) - cut]
    assert not torn or not torn.endswith(b"\n")
    list(entries(whole.splitlines(keepends=True)))
