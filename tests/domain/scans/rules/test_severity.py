"""Severity says what a person would."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.scans.findings.baseline import compare
from domain.scans.findings.model import FileClass, Finding, FindingKind, Severity, Source, State, Step
from domain.scans.rules.lookup import BY_RULE
from domain.scans.rules.model import Level
from domain.scans.rules.severity import MATRIX, rated

STEP = Step("views.py", 3, "the request's parameter q")


FINDING = Finding(
    tool="bandit",
    rule="B608",
    kind=FindingKind.SAST,
    severity=Severity.MEDIUM,
    message="",
    path="a.py",
    line=3,
    code="x",
    cwe="CWE-89",
    severity_source="bandit",
)


def finding(rule: str = "B608", **changes: Any) -> Finding:
    return replace(FINDING, rule=rule, **changes)


def severity(one: Finding) -> Severity:
    return rated([one])[0].severity


findings = st.builds(
    finding,
    st.sampled_from([*BY_RULE, "unheard-of"]),
    kind=st.sampled_from(FindingKind),
    severity=st.sampled_from(Severity),
    file_class=st.sampled_from(FileClass),
    trace=st.sampled_from([(), (STEP,)]),
    likelihood=st.sampled_from(["", "low", "medium", "high", "certain"]),
    impact=st.sampled_from(["", "low", "high", "total"]),
    confidence=st.sampled_from(["", "low", "LOW", "medium", "undefined"]),
    sources=st.lists(st.builds(Source, st.just("t"), st.sampled_from([*BY_RULE, "other"])), max_size=3).map(tuple),
)


@given(findings)
def test_a_proven_path_never_lowers_what_the_rules_say(one):
    unproven, proven = replace(one, trace=(), likelihood=""), replace(one, trace=(STEP,), likelihood="")

    assert severity(proven).rank >= severity(unproven).rank


@given(findings)
def test_code_of_others_and_of_tests_is_never_worse_than_ones_own(one):
    own = severity(replace(one, file_class=FileClass.OWN))

    assert severity(one).rank <= own.rank


@given(findings)
def test_only_weak_code_is_rated_and_nothing_else_of_a_finding_changes(one):
    (made,) = rated([one])

    assert (
        replace(made, **{name: getattr(one, name) for name in ("severity", "severity_source", "likelihood", "impact")})
        == one
    )
    assert one.kind is FindingKind.SAST or made == one


@given(st.lists(findings, max_size=5))
def test_every_finding_stays_worst_first(many):
    made = rated(many)

    assert len(made) == len(many)
    assert [one.severity.rank for one in made] == sorted((one.severity.rank for one in made), reverse=True)


@given(findings)
def test_a_tool_that_cannot_rate_its_finding_is_not_contradicted_in_its_favour(one):
    unknown = replace(one, rule="unheard-of", sources=(), severity=Severity.UNKNOWN)

    assert severity(unknown) is Severity.UNKNOWN


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (finding(), Severity.HIGH),
        (finding(confidence="low"), Severity.MEDIUM),
        (finding(confidence="low", trace=(STEP,)), Severity.HIGH),
        (finding(trace=(STEP,), likelihood="low"), Severity.MEDIUM),
        (finding(file_class=FileClass.TEST), Severity.LOW),
        (finding(file_class=FileClass.VENDORED), Severity.MEDIUM),
        (finding("B404"), Severity.LOW),
        (
            finding("B404", sources=(Source("bandit", "B404"), Source("semgrep", "python-shell-injection"))),
            Severity.HIGH,
        ),
        (finding("unheard-of"), Severity.MEDIUM),
        (finding("unheard-of", file_class=FileClass.MINIFIED), Severity.LOW),
    ],
)
def test_likelihood_and_impact_make_the_severity(one, expected):
    assert severity(one) is expected


def test_the_source_of_a_severity_says_what_moved_it():
    (made,) = rated([finding(trace=(STEP,))])
    assert made.severity_source == "rules/1: likelihood high, impact high; raised by a path that was proven"

    (made,) = rated([finding(file_class=FileClass.TEST)])
    assert made.severity_source.endswith("; lowered in test code")


@pytest.mark.parametrize("class_", FileClass)
def test_attack_a_comment_or_a_folder_does_not_lower_what_a_path_has_proven(class_):
    (plain,) = rated([finding(trace=(STEP,))])
    (hidden,) = rated([finding(trace=(STEP,), file_class=class_)])

    assert hidden.severity is plain.severity


def test_a_worse_likelihood_or_impact_is_never_a_lower_severity():
    for (likelihood, impact), severity_ in MATRIX.items():
        assert severity_.rank <= MATRIX[likelihood.moved(1), impact].rank
        assert severity_.rank <= MATRIX[likelihood, impact.moved(1)].rank
    assert len(MATRIX) == len(Level) ** 2


def test_a_baseline_of_before_the_table_escalates_nothing():
    (now,) = rated([finding()])
    compared = compare([finding(severity=Severity.LOW)], [now])

    assert now.severity is Severity.HIGH
    assert [one.state for one in compared.findings] == [State.EXISTING]


def test_a_path_that_is_proven_now_escalates_what_the_table_has_rated_before():
    (before,) = rated([finding(confidence="low")])
    (now,) = rated([finding(confidence="low", trace=(STEP,))])

    assert [one.state for one in compare([before], [now]).findings] == [State.ESCALATED]


def test_a_vulnerability_that_is_rated_worse_is_still_escalated():
    old = finding(kind=FindingKind.VULNERABILITY, severity=Severity.LOW)

    assert [one.state for one in compare([old], [replace(old, severity=Severity.HIGH)]).findings] == [State.ESCALATED]
