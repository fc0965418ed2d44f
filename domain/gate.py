"""Whether findings may pass. Fails closed: no scan, a failed scan, or an unknown word never opens a gate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from domain.findings.model import Finding, ScanReport, Severity, State, counts
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
    refusals = _incomplete(spec, reports)
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
    notes += _uncounted(spec, found, reports)
    summary = counts(finding for finding, _ in counted)
    if not refusals:
        notes.insert(0, f"{len(counted)} findings counted in {len(reports)} scans, none of them blocks")
    return GateVerdict(not refusals, tuple(refusals + notes), tuple(summary.items()), tuple(blocking))


def _uncounted(spec: GateSpec, found: list[Finding], reports: Mapping[str, ScanReport | None]) -> Iterator[str]:
    """Every finding that is let through unseen is accounted for."""
    suppressed = [one for one in found if one.state is State.SUPPRESSED]
    if suppressed:
        yield f"{len(suppressed)} suppressed"
    rest = [one for one in found if one.state is not State.SUPPRESSED]
    known = [one for one in rest if spec.new_only and one.state in _KNOWN]
    if known:
        yield f"{len(known)} that the baseline has too not counted"
    others = [one for one in rest if spec.kinds and one.kind.value not in spec.kinds]
    if others:
        yield f"{len(others)} of other kinds than {', '.join(spec.kinds)} not counted"
    for job, report in sorted(reports.items()):
        if spec.new_only and report and not report.baseline:
            yield f"scan {job} has no baseline: every finding counts as new"
        for tool in report.skipped if report and spec.skipped != "block" else ():
            yield f"{tool.tool} in scan {job} is skipped: {tool.reason}"


def _incomplete(spec: GateSpec, reports: Mapping[str, ScanReport | None]) -> list[str]:
    if not reports:
        return ["no scan reached this gate, and a gate without evidence stays closed"]
    refusals = []
    for job, report in sorted(reports.items()):
        if report is None:
            refusals.append(f"the report of scan {job} is missing or cannot be read")
        elif not report.tools:
            refusals.append(f"scan {job} ran no tool")
        else:
            refusals.extend(f"{tool.tool} in scan {job} is {tool.state}: {tool.reason}" for tool in report.failed)
            if spec.skipped == "block":
                refusals.extend(f"{tool.tool} in scan {job} is skipped: {tool.reason}" for tool in report.skipped)
    return refusals


def _counts(spec: GateSpec, finding: Finding) -> bool:
    if finding.state is State.SUPPRESSED or (spec.new_only and finding.state in _KNOWN):
        return False
    return not spec.kinds or finding.kind.value in spec.kinds


_KNOWN = (State.EXISTING, State.MOVED, State.FIX_AVAILABLE)


def _severity(spec: GateSpec, finding: Finding) -> Severity:
    return Severity(spec.unknown_as) if finding.severity is Severity.UNKNOWN else finding.severity


def _first(findings: list[Finding]) -> str:
    shown = ", ".join(f"{x.rule} at {x.path}:{x.line}" if x.line else f"{x.rule} in {x.path}" for x in findings[:3])
    return shown + (f" and {len(findings) - 3} more" if len(findings) > 3 else "")
