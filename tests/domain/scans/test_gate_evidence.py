"""A gate opens on evidence alone: complete scans, and nothing that blocks."""

from hypothesis import given
from hypothesis import strategies as st

from domain.scans import gate
from domain.scans.findings.model import Finding, FindingKind, ScanReport, ScanState, Severity, ToolReport
from domain.scans.spec import GateSpec

findings = st.builds(
    Finding,
    tool=st.just("bandit"),
    rule=st.sampled_from(["B1", "B2"]),
    kind=st.sampled_from(FindingKind),
    severity=st.sampled_from(Severity),
    message=st.just(""),
    path=st.sampled_from(["a.py", "b.py"]),
    snippet=st.sampled_from(["x", "y"]),
)


reports = st.builds(
    lambda found, state: ScanReport(tools=(ToolReport(tool="bandit", state=state, findings=tuple(found)),)),
    st.lists(findings, max_size=6),
    st.sampled_from(ScanState),
)


@given(st.dictionaries(st.sampled_from(["s1", "s2"]), reports | st.none()))
def test_a_gate_opens_only_on_complete_scans_without_a_blocking_finding(by_job):
    verdict = gate.judge(GateSpec(), by_job)
    complete = by_job and all(r and not r.failed for r in by_job.values())
    bad = [f for r in by_job.values() if r for f in r.findings if f.severity in ("high", "critical", "unknown")]

    assert verdict.passed == bool(complete and not bad)
    assert verdict.reasons


@given(reports, findings)
def test_one_more_finding_never_opens_a_gate(report, more):
    worse = ScanReport(tools=(*report.tools, ToolReport(tool="more", state=ScanState.COMPLETE, findings=(more,))))

    assert gate.judge(GateSpec(), {"s": report}).passed or not gate.judge(GateSpec(), {"s": worse}).passed


def test_allowed_numbers_are_let_through_and_named() -> None:
    found = Finding(tool="t", rule="R", kind=FindingKind.SAST, severity=Severity.HIGH, message="")
    report = ScanReport(tools=(ToolReport(tool="t", state=ScanState.COMPLETE, findings=(found, found)),))

    assert gate.judge(GateSpec(allow={"high": 2}), {"s": report}).passed
    assert not gate.judge(GateSpec(allow={"high": 1}), {"s": report}).passed


def test_a_gate_without_a_scan_stays_closed() -> None:
    assert not gate.judge(GateSpec(), {}).passed
