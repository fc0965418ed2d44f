"""A suppression hides what it names, with a reason and an end, and nothing else."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.scans import gate
from domain.scans.findings.model import Finding, FindingKind, ScanReport, ScanState, Severity, State, ToolReport
from domain.scans.findings.suppressions import Suppression, apply, complaints
from domain.scans.spec import GateSpec
from pipeline_defs.documents import check
from pipeline_defs.scans import suppressions

TODAY = date(2026, 11, 23)
GOOD = Suppression(
    reason="only constants",
    owner="web",
    approver="security",
    since=TODAY,
    expires=TODAY + timedelta(days=30),
    rule="B605",
    path="a/*.py",
)
FOUND = Finding(
    tool="bandit",
    rule="B605",
    kind=FindingKind.SAST,
    severity=Severity.HIGH,
    message="",
    path="a/b.py",
    line=3,
    fingerprint="f1",
)


@given(st.integers(-200, 200), st.integers(-200, 200))
def test_a_finding_is_hidden_only_from_since_to_expires_and_never_for_more_than_ninety_days(begins, lasts):
    since = TODAY + timedelta(days=begins)
    one = replace(GOOD, since=since, expires=since + timedelta(days=lasts))
    (found,) = apply([FOUND], [one], TODAY).findings

    assert (found.state is State.SUPPRESSED) == (begins <= 0 <= begins + lasts and 0 <= lasts <= 90)


@pytest.mark.parametrize(
    "change",
    [
        {"reason": " "},
        {"owner": ""},
        {"approver": ""},
        {"approver": "web"},
        {"rule": "", "path": ""},
        {"rule": ""},
        {"fingerprint": "f1"},
        {"expires": TODAY - timedelta(days=1)},
        {"expires": TODAY + timedelta(days=91)},
    ],
)
def test_what_breaks_a_rule_hides_nothing_and_is_said(change):
    wrong = replace(GOOD, **change)
    applied = apply([FOUND], [wrong], TODAY)

    assert list(complaints(wrong))
    assert applied.findings == (FOUND,)
    assert applied.notes


def test_who_let_it_through_is_in_the_finding() -> None:
    (found,) = apply([FOUND], [GOOD], TODAY).findings

    assert "only constants" in found.why
    assert "approved by security" in found.why


def test_people_hear_a_week_before_the_end_after_it_and_when_it_is_of_no_use() -> None:
    soon = replace(GOOD, expires=TODAY + timedelta(days=7))
    over = replace(GOOD, since=TODAY - timedelta(days=9), expires=TODAY - timedelta(days=1))
    unused = replace(GOOD, rule="B999")

    assert "expires on" in apply([FOUND], [soon], TODAY).notes[0]
    assert "are back" in apply([FOUND], [over], TODAY).notes[0]
    assert "no longer matches anything" in apply([FOUND], [unused], TODAY).notes[0]
    assert not apply([FOUND], [GOOD], TODAY).notes


def test_a_gate_counts_what_is_suppressed_apart() -> None:
    tool = ToolReport(tool="bandit", state=ScanState.COMPLETE)
    hidden = ScanReport(tools=(tool,), merged=apply([FOUND], [GOOD], TODAY).findings)

    assert not gate.judge(GateSpec(), {"s": ScanReport(tools=(tool,), merged=(FOUND,))}).passed
    verdict = gate.judge(GateSpec(), {"s": hidden})
    assert verdict.passed
    assert "1 suppressed" in verdict.reasons


@pytest.mark.parametrize("state", State)
def test_with_a_baseline_only_what_is_new_or_worse_blocks(state):
    report = ScanReport(
        tools=(ToolReport(tool="bandit", state=ScanState.COMPLETE),),
        merged=(replace(FOUND, state=state),),
        baseline="main",
    )

    assert gate.judge(GateSpec(new_only=True), {"s": report}).passed == (
        state not in (State.NEW, State.ESCALATED, State.FIXED)
    )


def test_without_a_baseline_everything_is_new_and_that_is_said() -> None:
    report = ScanReport(tools=(ToolReport(tool="bandit", state=ScanState.COMPLETE),))

    assert any("no baseline" in reason for reason in gate.judge(GateSpec(new_only=True), {"s": report}).reasons)


def test_a_scan_that_is_incomplete_closes_a_gate_and_a_skipped_one_when_the_gate_says_so() -> None:
    incomplete = ScanReport(tools=(ToolReport(tool="bandit", state=ScanState.INCOMPLETE, reason="1 of 2 files"),))
    skipped = ScanReport(tools=(ToolReport(tool="gitleaks", state=ScanState.SKIPPED, reason="not installed"),))

    assert not gate.judge(GateSpec(), {"s": incomplete}).passed
    assert gate.judge(GateSpec(), {"s": skipped}).passed
    assert any("skipped" in reason for reason in gate.judge(GateSpec(), {"s": skipped}).reasons)
    assert not gate.judge(GateSpec(skipped="block"), {"s": skipped}).passed


TEXT = """apiVersion: sluiceway/v1
kind: Suppressions
suppressions:
  - rule: B605
    path: a/*.py
    reason: only constants
    owner: web
    approver: {approver}
    since: 2026-11-20
    expires: {expires}
"""


def test_the_file_is_read_with_the_lines_of_its_entries() -> None:
    read, problems = suppressions.read(TEXT.format(approver="security", expires="2026-12-20").encode(), "s.yaml")

    assert not problems
    assert (read[0].rule, read[0].expires, read[0].where) == ("B605", date(2026, 12, 20), "s.yaml:4")


@pytest.mark.parametrize(
    ("approver", "expires", "where"),
    [("web", "2026-12-20", "s.yaml:8:"), ("security", "2027-12-20", "s.yaml:10:"), ("security", "soon", "s.yaml:10:")],
)
def test_lint_says_at_which_line_a_suppression_breaks_a_rule(approver, expires, where):
    problems = check(TEXT.format(approver=approver, expires=expires).encode(), "s.yaml", lambda name: None).diagnostics

    assert [str(problem) for problem in problems if str(problem).startswith(where)]
