"""A credential that several tools point at is one secret; what only looks like one is a weakness, and shows no value."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.scans.merge import compare_with_baseline, locate, merge_reports
from domain.scans.findings.credentials import confirmed, is_guess, without_texts
from domain.scans.findings.location import Source, located
from domain.scans.findings.model import Finding, FindingKind, ScanState, Severity, State, ToolReport

VALUE = "Amsel446" + "nest"
SECRET = Finding(
    tool="secrets",
    rule="assigned-key",
    kind=FindingKind.SECRET,
    severity=Severity.HIGH,
    message="m",
    path="app.py",
    line=3,
    secret="hmac",
)
BANDIT = Finding(
    tool="bandit",
    rule="B105",
    kind=FindingKind.SAST,
    severity=Severity.LOW,
    message="Possible hardcoded password",
    path="app.py",
    line=3,
    cwe="CWE-259",
    secret="hmac",
    code="hmac",
)
OURS = replace(
    BANDIT, tool="semgrep", rule="python-secret-in-code", severity=Severity.MEDIUM, cwe="CWE-798", secret="", code=""
)


def reported(*findings: Finding) -> list[ToolReport]:
    return [ToolReport(tool=one.tool, state=ScanState.COMPLETE, findings=(one,)) for one in findings]


@pytest.mark.parametrize("order", [(SECRET, BANDIT, OURS), (OURS, BANDIT, SECRET)])
def test_what_three_tools_say_of_one_value_is_one_secret(order):
    (one,) = merge_reports(reported(*order)).findings

    assert one.kind is FindingKind.SECRET
    assert {source.tool for source in one.sources} == {"secrets", "bandit", "semgrep"}
    assert one.severity is Severity.HIGH


@pytest.mark.parametrize("guess", [BANDIT, OURS])
def test_a_guess_that_nothing_confirms_is_a_weakness_that_a_baseline_can_know(guess):
    before = merge_reports(reported(guess)).findings
    now = compare_with_baseline(merge_reports(reported(guess)), before, "main", {"app.py"})

    assert [one.kind for one in before] == [FindingKind.SAST]
    assert [one.state for one in now.findings] == [State.EXISTING]


def test_a_secret_elsewhere_confirms_nothing() -> None:
    far = [replace(SECRET, line=40), replace(SECRET, path="b.py"), replace(SECRET, imported=True)]

    assert len(confirmed([BANDIT, *far])) == 4


@given(st.lists(st.sampled_from([SECRET, BANDIT, OURS, replace(OURS, line=9), replace(SECRET, line=9)]), max_size=6))
def test_no_secret_is_ever_lost_and_no_guess_without_one(findings):
    found = confirmed(findings)

    assert [one.line for one in found if one.kind is FindingKind.SECRET] == [
        one.line for one in findings if one.kind is FindingKind.SECRET
    ]
    places = {one.line for one in findings if one.kind is FindingKind.SECRET}
    assert [one.line for one in found if is_guess(one)] == [
        one.line for one in findings if is_guess(one) and one.line not in places
    ]


LINES = [
    f'app.secret_key = "{VALUE}"',
    f"app.secret_key = '''{VALUE}",
    f'x = "a"; login("{VALUE}',
    f'k = f"{VALUE}" + `{VALUE}`',
]


@pytest.mark.parametrize("line", LINES)
def test_a_guess_shows_no_text_of_the_code(line):
    found = located(replace(OURS, line=1), Source("app.py", line + "\n"))

    assert VALUE not in f"{found.code} {found.snippet}"
    assert found.code


@given(st.text(max_size=60))
def test_code_without_texts_is_the_same_when_done_again(code):
    assert without_texts(without_texts(code)) == without_texts(code)


def test_the_report_of_a_folder_holds_no_value_of_a_guess(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(f'import a\n\napp.secret_key = "{VALUE}"\n')

    assert VALUE not in repr(locate(reported(OURS, BANDIT), tmp_path))
