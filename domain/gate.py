"""Whether findings may pass. Fails closed: no scan, a failed scan, or an unknown word never opens a gate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from domain.findings.model import Finding, ScanReport, Severity, counts
from domain.pipeline import GateSpec


@dataclass(frozen=True)
class GateVerdict:
    passed: bool
    reasons: tuple[str, ...]
    """Each rule that spoke, with its numbers; the first one decided when the gate is closed."""
    counted: tuple[tuple[str, int], ...] = ()
    """Severity and number of the findings that count, worst first."""
    blocking: tuple[Finding, ...] = ()


def judge(spec: GateSpec, reports: Mapping[str, ScanReport | None]) -> GateVerdict:
    """Judges the reports of the scan jobs, by job; None is a report that could not be read."""
    refusals = _incomplete(reports)
    found = [finding for report in reports.values() if report for finding in report.findings]
    counted = [(finding, _severity(spec, finding)) for finding in found if _counts(spec, finding)]
    threshold = Severity(spec.fail_on)
    blocking: list[Finding] = []
    notes: list[str] = []
    for severity in reversed(Severity):
        of_it = [finding for finding, level in counted if level is severity]
        if not of_it:
            continue
        allowed = spec.allow.get(severity.value, 0)
        if severity.rank >= threshold.rank and len(of_it) > allowed:
            blocking.extend(of_it)
            let = f", {allowed} allowed" if allowed else ""
            refusals.append(f"{len(of_it)} {severity} found{let}, and {threshold} or worse blocks: {_first(of_it)}")
        else:
            notes.append(f"{len(of_it)} {severity} let through (blocks from {threshold}, {allowed} allowed)")
    ignored = len(found) - len(counted)
    if ignored:
        notes.append(f"{ignored} of other kinds than {', '.join(spec.kinds)} not counted")
    summary = counts(finding for finding, _ in counted)
    if not refusals:
        notes.insert(0, f"{len(counted)} findings counted in {len(reports)} scans, none of them blocks")
    return GateVerdict(not refusals, tuple(refusals + notes), tuple(summary.items()), tuple(blocking))


def _incomplete(reports: Mapping[str, ScanReport | None]) -> list[str]:
    if not reports:
        return ["no scan reached this gate, and a gate without evidence stays closed"]
    refusals = []
    for job, report in sorted(reports.items()):
        if report is None:
            refusals.append(f"the report of scan {job} is missing or cannot be read")
        elif not report.tools:
            refusals.append(f"scan {job} ran no tool")
        else:
            refusals.extend(f"{tool.tool} in scan {job} failed: {tool.reason}" for tool in report.failed)
    return refusals


def _counts(spec: GateSpec, finding: Finding) -> bool:
    return not spec.kinds or finding.kind.value in spec.kinds


def _severity(spec: GateSpec, finding: Finding) -> Severity:
    return Severity(spec.unknown_as) if finding.severity is Severity.UNKNOWN else finding.severity


def _first(findings: list[Finding]) -> str:
    shown = ", ".join(f"{x.rule} at {x.path}:{x.line}" if x.line else f"{x.rule} in {x.path}" for x in findings[:3])
    return shown + (f" and {len(findings) - 3} more" if len(findings) > 3 else "")
