"""A trend counts what came and what went."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from domain.scans.findings import trend
from domain.scans.findings.trend import TrendPoint

OPEN = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(["high", "low"]))


@given(OPEN, OPEN)
def test_what_was_opened_less_what_was_fixed_is_the_difference(before: dict[str, str], now: dict[str, str]) -> None:
    opened, fixed = trend.changes(before, now)

    assert len(now) - len(before) == opened - fixed
    assert trend.changes(now, before) == (fixed, opened)
    assert trend.changes(None, now) == (0, 0)


def test_the_last_step_is_told_in_words() -> None:
    first = TrendPoint(commit="a" * 40, at=1, open={"high": 2, "low": 1})
    then = TrendPoint(commit="b" * 40, at=2, open={"low": 1}, opened=0, fixed=2)

    assert trend.words([]) == ""
    assert trend.words([first]).startswith("3 open on the default branch at aaaaaaaaaaaa")
    assert trend.words([first, then]).endswith("(was 3): 0 new, 2 fixed")
