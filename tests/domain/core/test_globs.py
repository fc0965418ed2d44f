"""Patterns of paths."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.core import globs


@pytest.mark.parametrize(
    ("text", "patterns", "expected"),
    [
        ("src/a.py", ["src/*"], True),
        ("src/b/a.py", ["src/*"], False),
        ("src/b/a.py", ["src/**"], True),
        ("a.py", ["**/*.py"], True),
        ("docs/a.md", ["**", "!docs/**"], False),
        ("main", [], False),
        ("release/1", ["release/?"], True),
    ],
)
def test_globs(text, patterns, expected):
    assert globs.matches(text, patterns) is expected


@given(st.text(alphabet="ab/.*", max_size=12))
def test_a_path_matches_itself_unless_it_has_wild_cards(path):
    if "*" not in path and path:
        assert globs.matches(path, [path])
