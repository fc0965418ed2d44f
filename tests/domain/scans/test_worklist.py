"""Lists of findings: a filter only takes away, an order only moves, and no time is over that was never set."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from domain.scans.findings.model import FileClass, Finding, FindingKind, Severity, State
from domain.scans.findings.worklist import ORDERS, OpenFinding, Wanted, chosen, named

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
)


@given(st.lists(ROWS, max_size=8), WANTED, st.sampled_from(ORDERS))
def test_a_filter_only_takes_away_and_every_order_has_the_same_findings(
    rows: list[OpenFinding], wanted: Wanted, order: str
) -> None:
    found = chosen(rows, wanted, NOW, order)

    assert all(one in rows for one in found)
    assert sorted(map(id, found)) == sorted(map(id, chosen(rows, wanted, NOW)))
    assert chosen(found, wanted, NOW, order) == found


@given(ROWS)
def test_suppressed_findings_are_listed_only_when_asked_for_and_are_never_late(row: OpenFinding) -> None:
    hidden = replace(row, finding=replace(row.finding, state=State.SUPPRESSED))

    assert chosen([hidden], Wanted(), NOW) == []
    assert chosen([hidden], Wanted(states=("suppressed",)), NOW) == [hidden]
    assert not hidden.overdue(NOW)
    assert not replace(row, due=0.0).overdue(NOW)


@given(st.lists(ROWS, max_size=5))
def test_the_worst_comes_first(rows: list[OpenFinding]) -> None:
    ranks = [one.finding.severity.rank for one in chosen(rows, Wanted(), NOW)]

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

    assert all(chosen([one], Wanted(owners=(name,)), NOW) for name in ("ann", "@web", "@web ann"))
    assert not chosen([one], Wanted(owners=("none",)), NOW)


@given(ROWS)
def test_a_finding_is_named_by_the_beginning_of_its_fingerprint(row: OpenFinding) -> None:
    assert named([row], row.finding.fingerprint[:4]) == [row]
    assert named([row], row.finding.fingerprint[:3]) == []
