"""Severity as a person would say it: how likely somebody can use a weakness, and what it costs then.

Applied once, to merged findings. A path that was proven from a request raises the likelihood; code that is not run for
strangers (tests), or is not ours to mend (vendored, generated), lowers the severity.
"""

from __future__ import annotations

from collections.abc import Iterable

from domain.scans.findings.cwe import cwe_of
from domain.scans.findings.making import RATED
from domain.scans.findings.model import FileClass, Finding, FindingKind, Severity, like
from domain.scans.rules.lookup import BY_RULE
from domain.scans.rules.model import Level, Weakness
from domain.scans.rules.purpose import step

SOURCE = f"{RATED}1"
"""Begins `severity_source` of what is rated here; the number changes with the table, so that baselines notice."""
MATRIX = {
    (Level.LOW, Level.LOW): Severity.LOW,
    (Level.LOW, Level.MEDIUM): Severity.LOW,
    (Level.LOW, Level.HIGH): Severity.MEDIUM,
    (Level.MEDIUM, Level.LOW): Severity.LOW,
    (Level.MEDIUM, Level.MEDIUM): Severity.MEDIUM,
    (Level.MEDIUM, Level.HIGH): Severity.HIGH,
    (Level.HIGH, Level.LOW): Severity.MEDIUM,
    (Level.HIGH, Level.MEDIUM): Severity.HIGH,
    (Level.HIGH, Level.HIGH): Severity.HIGH,
}
"""Likelihood and impact to severity. Critical is left to vulnerabilities that somebody has scored."""
_LOWER = {FileClass.TEST: 2, FileClass.GENERATED: 1, FileClass.VENDORED: 1, FileClass.MINIFIED: 1}
"""How many severities lower, down to info."""
_BELOW = (Severity.INFO, Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL)


def numbered(findings: Iterable[Finding]) -> list[Finding]:
    """The findings with the CWE that is meant, where a tool's own misleads: before two tools' findings are merged."""
    return [one if one.cwe == (cwe := cwe_of(one.rule, one.cwe)) else like(one, cwe=cwe) for one in findings]


def rated(findings: Iterable[Finding]) -> list[Finding]:
    """The findings with their severity, worst first; only weak code is rated here."""
    made = [_rated(one) if one.kind is FindingKind.SAST else one for one in findings]
    return sorted(made, key=lambda one: (-one.severity.rank, one.kind, one.path, one.line, one.rule))


def _rated(finding: Finding) -> Finding:
    known = [BY_RULE[source.rule] for source in finding.said_by if source.rule in BY_RULE]
    if not known:
        lowered, why = _lowered(finding, finding.severity)
        if not why:
            return finding
        return like(finding, severity=lowered, severity_source=f"{finding.severity_source or finding.tool}; {why}")
    impact = max((page.impact for page, _ in known), key=_rank)
    likelihood, said = _likelihood(finding, known)
    severity, why = _lowered(finding, MATRIX[likelihood, impact])
    reasons = "; ".join(filter(None, (said, why)))
    return like(
        finding,
        severity=severity,
        likelihood=likelihood,
        impact=impact,
        severity_source=f"{SOURCE}: likelihood {likelihood}, impact {impact}" + (f"; {reasons}" if reasons else ""),
    )


def _likelihood(finding: Finding, known: list[tuple[Weakness, Level]]) -> tuple[Level, str]:
    """The likelihood, and what moved it. A tool that has followed the value knows better than the rules."""
    if finding.trace and finding.likelihood:
        return _level(finding.likelihood), "by the path that was proven"
    page, base = max(known, key=lambda one: one[1].rank)
    if finding.trace:
        return base.moved(1), "raised by a path that was proven"
    if finding.confidence.lower() == "low":
        return base.moved(-1), "lowered by the tool's low confidence"
    steps, why = step(page.key, finding)
    return base.moved(steps), why


def _lowered(finding: Finding, severity: Severity) -> tuple[Severity, str]:
    """A path from a stranger's value is no less a path in a file that calls itself generated, or a test."""
    steps = 0 if finding.trace else _LOWER.get(finding.file_class, 0)
    if not steps or severity not in _BELOW:
        return severity, ""
    return _BELOW[max(_BELOW.index(severity) - steps, 0)], f"lowered in {finding.file_class} code"


def _level(word: str) -> Level:
    return Level(word) if word in set(Level) else Level.LOW


def _rank(level: Level) -> int:
    return level.rank
