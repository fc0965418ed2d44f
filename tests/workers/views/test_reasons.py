"""A reason that says what, why and what to do has a line for each."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.views import reasons

WORDS = st.text(alphabet="abc; :", min_size=1, max_size=30)


@given(WORDS, st.lists(WORDS, max_size=2))
def test_nothing_of_a_reason_is_lost(what: str, more: list[str]) -> None:
    whole = "; ".join([what, *(f"because {one}" for one in more)])
    assert "; ".join(reasons.parts(whole)) == whole
    assert len(reasons.parts(whole)) > len(more)


def test_why_and_what_to_do_stand_below(capsys: pytest.CaptureFixture[str]) -> None:
    reason = "SLW966: it may not; because a.yaml:1: x; b.yaml:2: \x1b[2J; to fix it: remove it"
    assert reasons.parts(reason)[0] == "SLW966: it may not"
    reasons.out_more(reason)
    assert capsys.readouterr().out == "      because a.yaml:1: x; b.yaml:2: \\x1b[2J\n      to fix it: remove it\n"
    reasons.out_more("exit code 1; see the log")
    assert capsys.readouterr().out == ""
