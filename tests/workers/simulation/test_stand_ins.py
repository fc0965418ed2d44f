"""What a rehearsal has instead of the world."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from domain.scans.findings.model import Finding, FindingKind, ScanReport, ScanState, Severity, ToolReport
from domain.scans.gate import judge
from domain.scans.spec import GateSpec
from workers.simulation.stand_ins import RehearsedGates

WEAK = Finding(tool="bandit", rule="B602", kind=FindingKind.SAST, severity=Severity.HIGH, message="", fingerprint="f")


@pytest.mark.parametrize(("found", "passes"), [((), True), ((WEAK,), False)])
def test_a_gate_that_must_have_a_baseline_can_be_rehearsed(found: tuple[Finding, ...], passes: bool) -> None:
    gates = RehearsedGates(*[SimpleNamespace()] * 3)  # type: ignore[arg-type]
    accepted = gates.accepted(SimpleNamespace(reports={"s": "digest"}))  # type: ignore[arg-type]
    report = ScanReport(tools=(ToolReport(tool="bandit", state=ScanState.COMPLETE),), merged=found)

    assert judge(GateSpec(accepted=True, needs_baseline=True), {"s": report}, accepted=accepted).passed is passes
