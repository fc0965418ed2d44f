"""What opens a gate, and what never does."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.core.documents import Node
from domain.scans import gate
from domain.scans.findings.deduplicate import merged
from domain.scans.findings.model import Finding, FindingKind, ScanReport, ScanState, Severity, State, ToolReport
from domain.scans.spec import GateSpec
from pipeline_defs.documents import check
from pipeline_defs.scans.compile import gate_spec
from pipeline_defs.scans.lint import FINDING
from pipeline_defs.scans.model import MAX_HOLD_S, Gate
from workers.worker.definition_reader import matches

NOW = datetime(2026, 11, 23, tzinfo=UTC).timestamp()


def report(*findings: Finding, state: ScanState = ScanState.COMPLETE, date: str = "") -> dict[str, ScanReport | None]:
    return {
        "s": ScanReport(
            tools=(ToolReport(tool="trivy", state=state, reason="why", database_date=date),), merged=findings
        )
    }


def found(severity: Severity = Severity.HIGH, **more) -> Finding:
    fields = {"kind": FindingKind.VULNERABILITY, "message": "", "path": "r.txt", **more}
    return Finding(tool="trivy", rule="CVE-1", severity=severity, **fields)


@pytest.mark.parametrize("policy", gate.POLICIES)
@pytest.mark.parametrize("state", [ScanState.INCOMPLETE, ScanState.FAILED])
def test_no_policy_opens_for_what_was_not_looked_at(policy, state):
    assert not gate.judge(gate.policy(policy), report(state=state), NOW).passed


@given(st.sampled_from(Severity), st.sampled_from(State))
def test_advisory_never_closes_for_a_finding_alone_and_strict_is_never_milder_than_standard(severity, state):
    one = report(found(severity, state=state))

    assert gate.judge(gate.policy("advisory"), one, NOW).passed
    if gate.judge(gate.policy("strict"), one, NOW).passed:
        assert gate.judge(gate.policy("standard"), one, NOW).passed


def test_strict_closes_for_a_skipped_scanner() -> None:
    assert not gate.judge(gate.policy("strict"), report(state=ScanState.SKIPPED), NOW).passed
    assert gate.judge(gate.policy("standard"), report(state=ScanState.SKIPPED), NOW).passed


@pytest.mark.parametrize(
    ("date", "passed"),
    [("2026-11-22T12:00:00Z", True), ("2026-11-20T00:00:00Z", False), ("none", False), ("nonsense", False)],
)
def test_a_database_that_is_too_old_or_missing_closes_a_gate_that_asks(date, passed):
    verdict = gate.judge(GateSpec(max_db_age_s=86_400), report(date=date), NOW)

    assert verdict.passed == passed
    assert gate.judge(GateSpec(), report(date=date), NOW).passed


def test_a_gate_says_that_nobody_looked_for_known_vulnerabilities() -> None:
    assert any("no vulnerability database" in reason for reason in gate.judge(GateSpec(), report(date="none")).reasons)
    assert not any("no vulnerability database" in reason for reason in gate.judge(GateSpec(), report()).reasons)


def test_an_expression_decides_instead_of_a_severity() -> None:
    spec = GateSpec(block="finding.severity == 'critical' && finding.fix_available")

    assert gate.judge(spec, report(found(Severity.CRITICAL)), NOW, matches).passed
    verdict = gate.judge(spec, report(found(Severity.CRITICAL, fixed_in="2")), NOW, matches)
    assert not verdict.passed
    assert "finding.fix_available" in verdict.reasons[0]


@pytest.mark.parametrize("expression", ["finding.nothing", "finding.severity", "1 / 0 == 1", "((", "nobody.knows"])
def test_an_expression_that_cannot_be_evaluated_keeps_the_gate_closed(expression):
    assert not gate.judge(GateSpec(block=expression), report(found()), NOW, matches).passed
    assert not gate.judge(GateSpec(block="true"), report(found()), NOW).passed


def test_what_an_expression_may_name_is_what_it_sees() -> None:
    assert set(Node(gate.seen(found(), Severity.HIGH))["finding"].object()) == set(FINDING)


TEXT = "apiVersion: sluiceway/v1\nkind: Pipeline\nname: x\njobs:\n  s:\n    scan: {}\n  g:\n    needs: s\n    gate: {block: BLOCK}\n"


@pytest.mark.parametrize(
    ("block", "code"), [("finding.severty == 'x'", "SLW402"), ("finding.severity", "SLW404"), ("finding.new", "")]
)
def test_lint_knows_what_a_finding_has(block, code):
    problems = check(TEXT.replace("BLOCK", f'"{block}"').encode(), "x.yaml", lambda name: None).diagnostics

    assert [problem.code for problem in problems] == ([code] if code else [])


DAY = 86_400.0


@given(st.floats(0, 60), st.sampled_from([State.NEW, State.EXISTING, State.MOVED, State.FIX_AVAILABLE]))
def test_a_finding_may_stay_as_long_as_its_severity_allows_whether_it_is_known_or_not(days, state):
    one = report(found(Severity.MEDIUM, since=NOW - days * DAY, state=state))
    spec = GateSpec(fail_on="never", new_only=True, sla_s={"medium": 30 * DAY})
    verdict = gate.judge(spec, one, NOW)

    assert verdict.passed == (NOW - (NOW - days * DAY) <= 30 * DAY)
    assert verdict.passed or "over the limit of 30" in verdict.reasons[0]


def test_what_is_suppressed_of_another_kind_or_not_dated_is_never_overdue() -> None:
    old = NOW - 100 * DAY
    spec = GateSpec(fail_on="never", kinds=("vulnerability",), sla_s={"high": DAY})
    for one in (found(state=State.SUPPRESSED, since=old), found(kind=FindingKind.SECRET, since=old), found()):
        assert gate.judge(spec, report(one), NOW).passed


@pytest.mark.parametrize(
    ("block", "passed"),
    [
        ("finding.kev", False),
        ("finding.epss > 0.5", False),
        ("finding.epss > 0.9", True),
        ("finding.age_days > 3.0", False),
    ],
)
def test_an_expression_sees_how_likely_and_how_old_a_finding_is(block, passed):
    one = found(epss=0.7, kev=True, since=NOW - 4 * DAY)

    assert gate.judge(GateSpec(block=block), report(one), NOW, matches).passed == passed


@pytest.mark.parametrize(("environment", "passed"), [("production", False), ("staging", True), ("", True)])
def test_an_expression_sees_which_environment_it_stands_before(environment, passed):
    spec = GateSpec(block="finding.environment == 'production'")

    assert gate.judge(spec, report(found()), NOW, matches, environment=environment).passed == passed


@given(st.floats(0, 1e6))
def test_a_held_gate_is_looked_at_at_least_every_half_hour_and_never_in_a_hurry(held_s):
    assert 5 <= gate.looks_again_s(held_s) <= 1_800


def test_the_looks_of_the_longest_hold_fit_into_a_history() -> None:
    looks, held_s = 0, 0.0
    while held_s < MAX_HOLD_S:
        held_s += gate.looks_again_s(held_s)
        looks += 1

    assert looks * 11 < 51_200 / 2


def test_a_hold_of_more_than_a_month_is_refused() -> None:
    block = "{hold: {expires: 31d}}"
    problems = check(TEXT.replace("{block: BLOCK}", block).encode(), "x.yaml", lambda name: None).diagnostics

    assert [problem.code for problem in problems] == ["SLW203"]
    assert "30 days" in str(problems[0])


def test_what_another_tool_suppresses_counts_unless_the_policy_accepts_it() -> None:
    old = NOW - 9 * DAY
    scanned = report(found(tool_suppression="external: ticket 1", since=old))
    counted = gate.judge(gate_spec(Gate()), scanned, NOW)
    accepted = gate.judge(
        gate_spec(Gate.model_validate({"tool-suppressions": "accept", "sla": {"high": "1d"}})), scanned, NOW
    )

    assert (counted.passed, accepted.passed) == (False, True)
    assert any("1 suppressed by the tool that found them, counted all the same" in why for why in counted.reasons)
    assert any("not counted (tool-suppressions: accept)" in why for why in accepted.reasons)
    assert not gate.judge(GateSpec(tool_suppressions="accept"), report(found()), NOW).passed
    assert all(policy.tool_suppressions == "count" for policy in gate.POLICIES.values())


def test_what_one_of_two_tools_suppresses_is_not_suppressed() -> None:
    one = found(line=3, tool_suppression="external: x")
    other = Finding(tool="other", rule="CVE-1", severity=Severity.LOW, kind=one.kind, message="", path="r.txt", line=3)

    assert [each.tool_suppression for each in merged([one, other])] == [""]
    assert [each.tool_suppression for each in merged([one])] == ["external: x"]
