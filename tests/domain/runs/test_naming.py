"""What names a run is looked up; everything else is searched for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.core import ids
from domain.runs.naming import Named, named_by

NAMES = st.from_regex(r"[a-z][a-z0-9-]{0,20}", fullmatch=True)


@given(NAMES, st.integers(1, 2**31 - 1), st.integers(1, 9), st.sampled_from(["", "run/"]))
def test_the_id_of_a_run_names_all_its_attempts(pipeline: str, number: int, attempt: int, prefix: str) -> None:
    id_ = prefix + ids.run_id(pipeline, number, attempt).removeprefix("run/")
    named = Named(pipeline=pipeline, number=number)
    assert named_by(id_) == named_by(id_.upper()) == named_by(f" {pipeline}#{number}") == named


@given(st.binary(min_size=20, max_size=20), st.integers(7, 40))
def test_the_beginning_of_a_commit_names_its_runs(commit: bytes, length: int) -> None:
    text = commit.hex()[:length]
    assert named_by(text) == named_by(text.upper()) == Named(commit=text)


@pytest.mark.parametrize(
    "text", ["", "main", "abc123", "a" * 41, "web/", "/3", "web/x", "web/1.0", f"web/{2**31}", "²/²"]
)
def test_what_names_nothing_is_searched_for(text: str) -> None:
    assert named_by(text) is None
