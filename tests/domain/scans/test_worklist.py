"""Lists of findings: a filter only takes away, an order only moves, and no time is over that was never set."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from domain.scans.findings.model import FileClass, Finding, FindingKind, Severity, State
from domain.scans.findings.worklist import ORDERS, OpenFinding, Wanted, named, place

NOW = 1_000_000.0
FINDINGS = st.builds(
    Finding,
    tool=st.just("t"),
    rule=st.sampled_from(["r1", "r2"]),
    kind=st.sampled_from(FindingKind),
    severity=st.sampled_from(Severity),
    message=st.just(""),
    path=st.sampled_from(["a.py", "b/c.py"]),
    state=st.sampled_from(State),
    file_class=st.sampled_from(FileClass),
    owner=st.sampled_from(["", "@web", "@web ann"]),
    since=st.sampled_from([0.0, NOW - 90, NOW]),
    fingerprint=st.text("0123456789abcdef", min_size=32, max_size=32),
)
ROWS = st.builds(
    OpenFinding,
    finding=FINDINGS,
    pipeline=st.sampled_from(["web", "shop"]),
    job=st.just("scan"),
    repo=st.just("/r"),
    branch=st.just("main"),
    commit=st.just("c"),
    due=st.sampled_from([0.0, NOW - 1, NOW + 1]),
)
WANTED = st.builds(
    Wanted,
    severities=st.sampled_from([(), ("high",), ("high", "low")]),
    kinds=st.sampled_from([(), ("secret",)]),
    states=st.sampled_from([(), ("suppressed",)]),
    paths=st.sampled_from([(), ("b/**",)]),
    owners=st.sampled_from([(), ("none",), ("ann",)]),
    older_s=st.sampled_from([0.0, 60.0]),
    overdue=st.booleans(),
    severity=st.sampled_from(["", "high", "no severity"]),
    tool=st.sampled_from(["", "t", "u"]),
    text=st.sampled_from(["", "R1", "c.p"]),
)


@given(ROWS, WANTED)
def test_a_filter_is_the_sum_of_its_parts(row: OpenFinding, wanted: Wanted) -> None:
    parts = [Wanted(**{name: value}) for name, value in vars(wanted).items()]

    assert Wanted().fits(row, NOW)
    assert wanted.fits(row, NOW) == all(one.fits(row, NOW) for one in parts)


@given(ROWS, st.sampled_from(["high", "low", "critical"]))
def test_the_least_severity_lets_every_worse_one_in(row: OpenFinding, least: str) -> None:
    assert Wanted(severity=least).fits(row, NOW) == (row.finding.severity.rank >= Severity(least).rank)


@given(ROWS)
def test_suppressed_findings_are_never_late_and_no_baseline_hides_that_they_are(row: OpenFinding) -> None:
    hidden = replace(row, finding=replace(row.finding, state=State.SUPPRESSED), accepted=True)

    assert hidden.state == "suppressed"
    assert not Wanted(states=("accepted",)).fits(hidden, NOW)
    assert not hidden.overdue(NOW)
    assert not replace(row, due=0.0).overdue(NOW)


@given(st.lists(ROWS, max_size=5), st.sampled_from(ORDERS))
def test_every_order_can_be_compared_and_the_worst_comes_first(rows: list[OpenFinding], order: str) -> None:
    ranks = [one.finding.severity.rank for one in sorted(rows, key=lambda one: place(one, "severity"))]

    assert len(sorted(place(one, order) for one in rows)) == len(rows)
    assert ranks == sorted(ranks, reverse=True)


def test_owners_are_found_by_each_of_their_names() -> None:
    one = OpenFinding(
        finding=Finding(tool="t", rule="r", kind=FindingKind.SAST, severity=Severity.LOW, message="", owner="@web ann"),
        pipeline="web",
        job="scan",
        repo="/r",
        branch="main",
        commit="c",
    )

    assert all(Wanted(owners=(name,)).fits(one, NOW) for name in ("ann", "@web", "@web ann"))
    assert not Wanted(owners=("none",)).fits(one, NOW)


@given(ROWS)
def test_a_finding_is_named_by_the_beginning_of_its_fingerprint(row: OpenFinding) -> None:
    assert named([row], row.finding.fingerprint[:4]) == [row]
    assert named([row], row.finding.fingerprint[:3]) == []
