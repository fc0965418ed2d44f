"""One weakness that two tools see at different lines is one finding."""

from hypothesis import given
from hypothesis import strategies as st

from domain.scans.findings.absorbing import absorbed
from domain.scans.findings.model import Finding, FindingKind, Severity, Source, Step, like

BUILT = Finding(
    tool="bandit",
    rule="B608",
    kind=FindingKind.SAST,
    severity=Severity.MEDIUM,
    message="",
    cwe="CWE-89",
    path="dao.py",
    line=42,
    end_line=43,
)
RUN = like(
    BUILT,
    tool="dataflow",
    rule="dataflow-sql-injection",
    line=45,
    end_line=45,
    trace=(
        Step("views.py", 5, "the request's post"),
        Step("dao.py", 42, "assigned to q"),
        Step("dao.py", 45, "reaches the sink"),
    ),
)


def test_the_line_that_builds_a_statement_is_one_finding_with_the_line_that_runs_it():
    (one,) = absorbed([BUILT, RUN])

    assert one.line == 45
    assert set(one.said_by) == {Source("bandit", "B608"), Source("dataflow", "dataflow-sql-injection")}


other = st.sampled_from(
    [
        {"line": 40, "end_line": 40},
        {"path": "views.py", "line": 5, "end_line": 5},
        {"cwe": "CWE-79", "rule": "B703"},
        {"tool": "trivy"},
        {"kind": FindingKind.SECRET},
        {"cell": 1},
        {"member": "x.py"},
        {"imported": True},
    ]
)


@given(other, st.booleans())
def test_whatever_is_not_on_the_way_stays(change, first):
    one = like(BUILT, **change)
    pair = [one, RUN] if first else [RUN, one]

    assert absorbed(pair) == pair


@given(st.lists(st.sampled_from([BUILT, RUN, like(RUN, trace=()), like(BUILT, line=7, end_line=7)]), max_size=6))
def test_a_finding_is_only_absorbed_by_a_proven_one(many):
    made = absorbed(many)

    assert len(made) == len([one for one in many if one is not BUILT or RUN not in many])
    assert {one.line for one in made} >= {one.line for one in many if one is not BUILT}
