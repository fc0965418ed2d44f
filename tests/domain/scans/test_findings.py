"""What makes two findings the same, and what a baseline calls new."""

import ast
import gc
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.scans.findings import baseline
from domain.scans.findings.baseline import compare
from domain.scans.findings.cwe import family
from domain.scans.findings.deduplicate import merged
from domain.scans.findings.fingerprint import identified, identity, unversioned
from domain.scans.findings.location import Source as Text
from domain.scans.findings.location import located
from domain.scans.findings.model import Finding, FindingKind, Severity, Source, State, Step, like
from tests.corpus import labelled, mutations

few = st.sampled_from(["a", "b", "c"])
findings = st.lists(
    st.builds(
        Finding,
        tool=st.sampled_from(["bandit", "semgrep"]),
        rule=few,
        kind=st.sampled_from(FindingKind),
        severity=st.sampled_from(Severity),
        message=st.just(""),
        path=few,
        line=st.integers(0, 9),
        cwe=st.sampled_from(["", "CWE-78", "CWE-88", "CWE-89"]),
        code=few,
        confidence=st.sampled_from(["", "low", "high", "undefined"]),
        scope=few,
        package=few,
        context=st.lists(few, max_size=3).map(tuple),
    ),
    max_size=12,
)


@given(findings, st.randoms(use_true_random=False))
def test_nothing_is_new_against_itself_in_whatever_order(found, draw):
    shuffled = draw.sample(found, len(found))
    compared = compare(identified(found), shuffled)

    assert compared.new == ()
    assert compared.fixed == ()


@given(findings, findings, st.none() | st.sets(few))
def test_each_finding_of_the_baseline_accounts_for_at_most_one_of_now(before, now, files):
    compared = compare(identified(before), now, files)
    known = [one for one in compared.findings if one.state is not State.NEW]

    assert len(known) + len(compared.fixed) == len(before)
    assert len(known) + len(compared.new) == len(now)


@given(findings, findings)
def test_more_of_the_same_weakness_than_before_are_new(before, now):
    compared = compare(before, now)
    for key in {identity(one) for one in now}:
        there = sum(identity(one) == key for one in before)
        here = sum(identity(one) == key for one in now)
        said = sum(identity(one) == key for one in compared.new)
        assert said >= here - there


@given(findings, findings)
def test_no_two_findings_of_a_scan_share_a_fingerprint(before, now):
    known = identified(before)
    names = [one.fingerprint for one in compare(known, now).findings]

    assert len({one.fingerprint for one in known}) == len(known)
    assert len(set(names)) == len(names)


@given(findings)
def test_merging_keeps_every_source_and_never_lowers_a_severity(found):
    one = merged(found)

    assert {(x.tool, x.rule) for x in found} == {(x.tool, x.rule) for y in one for x in y.said_by}
    for finding in found:
        assert any(
            identity(other) == identity(finding) and other.severity.rank >= finding.severity.rank for other in one
        )
    assert merged(one) == one


def test_the_same_weakness_of_two_tools_is_one_finding_with_two_sources() -> None:
    text = Text("a.py", "import os\ndef f(x):\n    os.system('ls ' + x)\n")
    one = Finding(
        tool="bandit",
        rule="B605",
        kind=FindingKind.SAST,
        severity=Severity.LOW,
        message="",
        path="a.py",
        line=3,
        cwe="CWE-78",
    )
    two = Finding(
        tool="semgrep",
        rule="shell",
        kind=FindingKind.SAST,
        severity=Severity.HIGH,
        message="",
        path="a.py",
        line=3,
        cwe="CWE-77",
    )
    (found,) = merged([located(one, text), located(two, text)])

    assert found.said_by == (Source("bandit", "B605"), Source("semgrep", "shell"))
    assert (found.severity, found.severity_source) == (Severity.HIGH, "semgrep")


def test_what_got_worse_or_can_be_mended_now_is_said() -> None:
    old = Finding(
        tool="trivy",
        rule="CVE-1",
        kind=FindingKind.VULNERABILITY,
        severity=Severity.LOW,
        message="",
        path="r.txt",
        package="pkg:pypi/a@1",
    )
    worse = Finding(
        tool="trivy",
        rule="CVE-1",
        kind=FindingKind.VULNERABILITY,
        severity=Severity.HIGH,
        message="",
        path="r.txt",
        package="pkg:pypi/a@2",
    )
    fixable = Finding(
        tool="trivy",
        rule="CVE-1",
        kind=FindingKind.VULNERABILITY,
        severity=Severity.LOW,
        message="",
        path="r.txt",
        package="pkg:pypi/a@1",
        fixed_in="3",
    )

    assert compare([old], [worse]).findings[0].state is State.ESCALATED
    assert compare([old], [fixable]).findings[0].state is State.FIX_AVAILABLE


def test_a_secret_in_a_second_file_is_a_second_finding() -> None:
    one = Finding(
        tool="trivy",
        rule="key",
        kind=FindingKind.SECRET,
        severity=Severity.HIGH,
        message="",
        path="a.env",
        line=1,
        secret="5f",
    )
    two = Finding(
        tool="trivy",
        rule="key",
        kind=FindingKind.SECRET,
        severity=Severity.HIGH,
        message="",
        path="b.env",
        line=1,
        secret="5f",
    )

    assert [x.state for x in compare([one], [one, two], {"a.env", "b.env"}).findings] == [State.EXISTING, State.NEW]
    assert compare([one], [two], {"a.env", "b.env"}).new
    assert compare([one], [two], {"b.env"}).findings[0].state is State.MOVED


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("os.system('a' + x)", "os.system(\n    'a'\n    + x,\n)"),
        ('run("a", shell=True)', "run('a', shell = True, )"),
        ("x = {'a': 1}", "x = { 'a' : 1, }"),
        ("f(1, 2)  # why", "f(1,2)"),
    ],
)
def test_formatting_changes_no_statement(before, after):
    assert Text("a.py", before).spot(1).code == Text("a.py", after).spot(1).code


@given(st.text(), st.integers(0, 50), st.integers(0, 50), st.sampled_from(["a.py", "a.js", "Dockerfile"]))
def test_any_text_can_be_asked_for_any_line(text, line, end_line, path):
    spot = Text(path, text).spot(line, end_line)

    assert isinstance(spot.code, str)


def test_a_family_joins_what_tools_number_differently() -> None:
    assert family("CWE-78") == family("cwe-77") == "command-injection"
    assert family("CWE-4711") == "cwe-4711"
    assert family("") == family("nonsense") == ""


def test_a_package_is_the_same_in_every_version() -> None:
    assert unversioned("pkg:npm/%40scope/name@1.2.3?arch=x") == "pkg:npm/%40scope/name"
    assert unversioned("pkg:pypi/flask") == "pkg:pypi/flask"


@pytest.mark.parametrize("kind", mutations.KINDS)
def test_edits_of_the_corpus_hide_nothing_new_and_call_nothing_known_new(kind):
    score = mutations.play(kind, 25, seed=2)

    assert score.played == 25
    assert score.missed == 0, score.examples
    assert score.falsely_new <= 1, score.examples


def test_the_count_of_mutations_can_fail(monkeypatch):
    monkeypatch.setattr(baseline, "ALIKE", 0.0)
    assert mutations.play("the same elsewhere", 10, seed=1).missed
    monkeypatch.setattr(baseline, "ALIKE", 1.1)
    assert mutations.play("move", 10, seed=1).falsely_new


def test_the_corpus_has_at_least_three_hundred_labelled_findings():
    assert len(labelled.findings(labelled.original())) >= 300


@given(st.text(max_size=5), st.integers(0, 9), st.sampled_from(State))
def test_a_quick_copy_is_what_replace_makes(path, line, state):
    one = Finding(
        tool="bandit",
        rule="B605",
        kind=FindingKind.SAST,
        severity=Severity.HIGH,
        message="weak",
        path=path,
        line=line,
        context=("a",),
        epss=0.5,
    )

    assert like(one, state=state, why=path) == replace(one, state=state, why=path)


def test_a_file_is_read_although_something_else_parses_in_the_middle() -> None:
    """As another thread may, while the garbage collector runs somebody's callback."""
    between = ["1"] * 20

    def callback(phase, info):
        if between:
            ast.parse(between.pop())

    text = Path(mutations.__file__).read_text()
    gc.callbacks.append(callback)
    before = gc.get_threshold()
    gc.set_threshold(50)
    try:
        assert Text("a.py", text).spot(20) == Text("b.py", text).spot(20)
        assert not between, "the garbage collector did not run"
    finally:
        gc.set_threshold(*before)
        gc.callbacks.remove(callback)


def test_attack_a_known_weakness_that_a_stranger_reaches_now_is_worse():
    """The statement stays as it is; what gets there does not."""
    known = Finding(
        tool="bandit",
        rule="B605",
        message="",
        path="a.py",
        line=9,
        code="os.system(cmd)",
        kind=FindingKind.SAST,
        severity=Severity.HIGH,
    )
    now = replace(known, trace=(Step("a.py", 8, "the request's args['cmd']"),))

    (found,) = compare([known], [now]).findings
    assert (found.state, found.why) == (State.ESCALATED, "a stranger's value gets there now")
    (same,) = compare([now], [now]).findings
    assert same.state is State.EXISTING
