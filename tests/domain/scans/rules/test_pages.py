"""Each rule has a page that says what it means."""

import ast
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.scans.findings.cwe import family
from domain.scans.findings.model import Finding, FindingKind, Severity, Source, Step
from domain.scans.rules import lookup, pages
from domain.scans.rules.weaknesses import WEAKNESSES

DOCS = Path(__file__).parents[4] / "docs" / "rules"
FINDING = Finding(
    tool="t",
    rule="r",
    kind=FindingKind.SAST,
    severity=Severity.HIGH,
    message="m",
    path="a.py",
    line=7,
    fingerprint="ab",
)


def test_a_rule_and_a_page_have_one_weakness_each():
    rules = [rule for one in WEAKNESSES for rule, _ in one.rules]

    assert len(set(rules)) == len(rules)
    assert len(lookup.BY_KEY) == len(WEAKNESSES)


@pytest.mark.parametrize("one", WEAKNESSES, ids=lambda one: one.key)
def test_a_page_has_both_samples_the_fix_and_the_weakness_as_others_number_it(one):
    text = pages.page(one)

    assert one.weak in text
    assert one.safe in text
    assert one.fix in text
    assert f"definitions/{one.number}.html" in text
    if one.language == "python":
        ast.parse(one.weak)
        ast.parse(one.safe)


def test_the_pages_are_those_in_the_docs():
    assert {path.name: path.read_text() for path in DOCS.glob("*.md")} == dict(pages.pages())


@pytest.mark.parametrize("name", ["B608", "b608", "python-sql-injection", "sql-injection", " SQL-injection "])
def test_a_page_is_found_by_the_name_of_a_rule_or_its_own(name):
    found = lookup.by_name(name)

    assert found
    assert found.key == "sql-injection"


def test_an_unknown_name_has_near_ones():
    assert lookup.by_name("python-sql-injektion") is None
    assert "python-sql-injection" in lookup.near("python-sql-injektion")


@given(st.text(max_size=40))
def test_any_name_is_answered(name):
    assert lookup.by_name(name) is None or name.strip().casefold() in {
        one.casefold() for one in (*lookup.BY_RULE, *lookup.BY_KEY)
    }
    assert len(lookup.near(name)) <= lookup.NEAR


@given(st.sampled_from(WEAKNESSES))
def test_a_finding_of_an_unknown_rule_is_explained_by_its_weakness(one):
    found = lookup.of(replace(FINDING, cwe=one.cwe))

    assert found
    assert family(found.cwe) == family(one.cwe)


def test_a_finding_of_two_tools_is_explained_by_the_worse_of_their_rules():
    both = replace(
        FINDING, rule="B404", sources=(Source("bandit", "B404"), Source("semgrep", "python-shell-injection"))
    )
    found = lookup.of(both)

    assert found
    assert found.key == "command-injection"


def test_the_text_of_a_finding_shows_the_path_of_its_value_step_by_step():
    page = lookup.BY_KEY["sql-injection"]
    traced = replace(FINDING, trace=(Step("views.py", 3, "the request's parameter q"), Step("store.py", 9, "execute")))
    text = pages.told(page, traced)

    assert "here: a.py:7" in text
    assert "1. views.py:3  the request's parameter q" in text
    assert text.index("views.py:3") < text.index("store.py:9")
    assert page.fix in text


def test_a_finding_without_a_page_is_told_all_the_same():
    assert "here: a.py:7" in pages.without_page(FINDING)
