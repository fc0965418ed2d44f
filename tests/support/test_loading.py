"""What loading the suite promises: the processes share it, and what is not loaded is still what it was."""

import sys
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.internal.conjecture import providers

from tests.support import profile
from tests.support.loading import share


@given(st.sets(st.text("abc", min_size=1), max_size=12), st.integers(1, 5))
def test_each_file_is_loaded_first_by_one_process(names: set[str], processes: int) -> None:
    files = [Path(name) for name in names]

    shares = [share(files, number, processes) for number in range(processes)]

    assert sorted(path for part in shares for path in part) == sorted(files)
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


def test_iris_are_checked_by_the_library_when_a_test_has_one() -> None:
    from jsonschema import FormatChecker

    assert FormatChecker().conforms("https://例え.jp/道", "iri")
    assert not FormatChecker().conforms("https://a b", "iri")
    assert "syntax_helpers" in dir(sys.modules["rfc3987_syntax"])


@given(st.text())
def test_syntax_trees_are_read_for_draws_in_full_runs_only(drawn: str) -> None:
    assert bool(providers._local_constants.strings) == profile.FULL
