"""Patterns of paths."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.core import globs, patterns
from domain.core.patterns import PatternError


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
        ("src/a.ts", ["src/*.{js,ts}"], True),
        ("src/a.py", ["src/*.{js,ts}"], False),
        ("lib/x/a.c", ["{src,lib/{x,y}}/*.c"], True),
        ("x,y/a.c", ["{src,x\\,y}/*.c"], True),
        ("y/a.c", ["{src,x\\,y}/*.c"], False),
        ("src/x", ["[st]rc/**"], True),
        ("src/x", ["[!st]rc/**"], False),
        ("a-1", ["a-[0-9]"], True),
        ("a/b", ["a[!x]b"], False),
        ("[x]", ["\\[x\\]"], True),
        ("a[", ["a["], True),
        ("a{b", ["a{b"], True),
        ("a,b", ["a,b"], True),
        ("a]", ["a[]]"], True),
        ("é", ["?"], True),
        ("na\udcefve.txt", ["*.txt"], True),
        ("line\nbreak", ["**"], True),
    ],
)
def test_a_path_is_matched_as_gitignore_does(text: str, patterns: list[str], expected: bool) -> None:
    assert globs.matches(text, patterns) is expected


def test_patterns_that_only_take_back_mean_all_but_those() -> None:
    assert globs.matches("src/a.py", ["!docs/**"])
    assert not globs.matches("docs/a.md", ["!docs/**", "!*.txt"])
    assert globs.matches("docs/a.md", ["!docs/**", "docs/a.md"]) is True


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("src/**", ""),
        ("!docs/**", ""),
        (".github/**", ""),
        ("./src/**", "write src/**"),
        ("/src/**", "write src/**"),
        ("src/", "write src/**"),
        ("a//b", "no path has"),
        ("../a", "no path has"),
        ("", "empty"),
        ("[z-a]", "invalid character class range"),
        ("a" * 501, "at most 500"),
    ],
)
def test_a_pattern_that_no_path_can_match_is_told_with_what_to_write(pattern: str, expected: str) -> None:
    assert expected in globs.complaint(pattern)
    assert bool(expected) == bool(globs.complaint(pattern))


@given(st.text(alphabet="ab/.*", max_size=12))
def test_a_path_matches_itself_unless_it_has_wild_cards(path: str) -> None:
    if "*" not in path and path:
        assert globs.matches(path, [path])


def slow(pattern: str) -> re.Pattern[str]:
    """The same rules by Python's own engine, which backtracks."""
    words = re.split(r"(\*\*/|\*\*|\*|\?)", pattern)
    meaning = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.compile("".join(meaning.get(word, re.escape(word)) for word in words), re.S)


@given(st.text(alphabet="ab/*?", max_size=7), st.text(alphabet="ab/\n", max_size=7))
def test_the_linear_matcher_says_what_a_backtracking_one_says(pattern: str, text: str) -> None:
    assert globs.matches(text, [pattern]) == bool(slow(pattern).fullmatch(text))


@given(st.text(alphabet="ab/*?[]{},!\\-^", max_size=20), st.text(alphabet="ab/[]{},!\\-^", max_size=10))
def test_any_pattern_takes_back_exactly_what_it_matches(pattern: str, text: str) -> None:
    if not pattern.startswith("!") and not globs.complaint(pattern):
        assert globs.matches(text, ["**", f"!{pattern}"]) is not globs.matches(text, [pattern])


@pytest.mark.parametrize("pattern", ["**/" * 160 + "x", "*" * 499 + "x", "{a,}" * 120 + "x", "[a-z]*" * 80])
def test_a_hostile_pattern_does_not_hold_anybody_up(pattern: str) -> None:
    assert not globs.matches("a/" * 20_000 + "Y", [pattern])


@pytest.mark.parametrize("pattern", [r"(a+)+$", r"(a|aa)*b", r"(.*)*x", r"(\w+\s?)*"])
def test_a_regular_expression_that_backtracks_elsewhere_is_matched_in_one_pass(pattern: str) -> None:
    assert not patterns.fullmatch(pattern, "a" * 100_000 + "!")


@pytest.mark.parametrize("pattern", ["(?=a)", r"(a)\1", "(", "((a{100}){100}){100}", "a" * 1_001])
def test_what_cannot_be_matched_in_one_pass_is_refused(pattern: str) -> None:
    with pytest.raises(PatternError):
        patterns.fullmatch(pattern, "a")
