"""Lines of containers are told once, in the order of their times, however often a log is asked for."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from domain.pods.log_lines import NANO, Together, line_of, since

BEGIN = 1_800_000_000
TIMES = st.lists(st.integers(0, 5 * NANO), max_size=30).map(sorted)


def log(name: str, times: list[int]) -> list[tuple[int, str]]:
    return [(BEGIN * NANO + at, f"{name} {number}") for number, at in enumerate(times)]


def asked(lines: list[tuple[int, str]], from_second: str) -> str:
    """As an API server answers `sinceTime`: whole seconds, so some lines come again."""
    kept = [(at, text) for at, text in lines if not from_second or since(at) >= from_second]
    return "\n".join(f"{since(at)[:-1]}.{at % NANO:09}Z {text}" for at, text in kept)


@given(TIMES, TIMES, st.integers(0, 30), st.integers(0, 30))
def test_what_was_told_is_not_told_again_and_nothing_is_left_out(a: list[int], b: list[int], cut_a: int, cut_b: int):
    first, second, together = log("a", a), log("b", b), Together()
    told = together.new({"a": asked(first[:cut_a], ""), "b": asked(second[:cut_b], "")})
    told += together.new({"a": asked(first, together.since("a")), "b": asked(second, together.since("b"))})
    told += together.new({"a": asked(first, together.since("a")), "b": asked(second, together.since("b"))})

    assert sorted(one.text for one in told) == sorted(text for _, text in (*first, *second))
    assert [one.text for one in told if one.container == "a"] == [text for _, text in first]


@given(TIMES, TIMES)
def test_lines_of_several_containers_stand_in_the_order_of_their_times(a: list[int], b: list[int]):
    told = Together().new({"a": asked(log("a", a), ""), "b": asked(log("b", b), "")})

    assert [one.at for one in told] == sorted(one.at for one in told)


def test_a_line_without_a_time_stays_behind_the_one_before_it():
    text = "2027-01-15T08:00:00.5Z first\nTraceback\n2027-01-15T08:00:02Z last"
    told = Together().new({"a": text, "b": "2027-01-15T08:00:01Z between"})

    assert [one.text for one in told] == ["first", "Traceback", "between", "last"]


def test_the_time_of_a_line_is_no_part_of_its_text_whatever_stands_in_it():
    assert line_of("a", "2027-01-15T08:00:00.25Z 2027 x").text == "2027 x"
    assert line_of("a", "2027-01-15T08:00:00.25Z x").at % NANO == NANO // 4
    assert line_of("a", "9999-99-99T99:99:99Z x") == line_of("a", "9999-99-99T99:99:99Z x")
    assert line_of("a", "no time").text == "no time"
