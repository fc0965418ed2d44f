"""What scanners report, in one shape whatever the tool, and what a set of findings adds up to."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class Severity(StrEnum):
    UNKNOWN = "unknown"
    INFO = "info"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        return list(Severity).index(self)


class FindingKind(StrEnum):
    SAST = "sast"
    SECRET = "secret"
    MISCONFIGURATION = "misconfiguration"
    VULNERABILITY = "vulnerability"


@dataclass(frozen=True)
class Finding:
    tool: str
    rule: str
    kind: FindingKind
    severity: Severity
    message: str
    path: str = ""
    line: int = 0
    """From 1; 0 when the finding is about no line."""
    end_line: int = 0
    cwe: str = ""
    snippet: str = ""
    """The code, never a secret."""
    package: str = ""
    fixed_in: str = ""
    url: str = ""

    def fingerprint(self, occurrence: int = 0) -> str:
        """Stable when lines are inserted above: made of what was found, not of where in the file."""
        code = " ".join(self.snippet.split())
        parts = ("fp/1", self.kind, self.rule, self.path, self.package, code, str(occurrence))
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()


class ScanState(StrEnum):
    COMPLETE = "complete"
    FAILED = "failed"
    """Missing, crashed, timed out, or printed something that is no report."""


@dataclass(frozen=True)
class ToolReport:
    """One run of one scanner."""

    tool: str
    state: ScanState
    version: str = ""
    reason: str = ""
    """Why it failed, or what was looked at."""
    findings: tuple[Finding, ...] = ()
    files_scanned: int = 0
    seconds: float = 0
    output: str = ""
    """Digest of the tool's own output in the store."""


@dataclass(frozen=True)
class ScanReport:
    """All scanners of one scan job."""

    tools: tuple[ToolReport, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(finding for report in self.tools for finding in report.findings)

    @property
    def failed(self) -> tuple[ToolReport, ...]:
        return tuple(report for report in self.tools if report.state is not ScanState.COMPLETE)


def counts(findings: Iterable[Finding]) -> dict[str, int]:
    """Findings per severity, worst first; severities without a finding are left out."""
    found = Counter(finding.severity for finding in findings)
    return {severity.value: found[severity] for severity in reversed(Severity) if found[severity]}


@dataclass(frozen=True)
class Identified:
    """A finding with its fingerprint; equal findings in one file are told apart by their order."""

    finding: Finding
    fingerprint: str = field(default="")


def identify(findings: Sequence[Finding]) -> list[Identified]:
    seen: Counter[str] = Counter()
    identified = []
    for finding in findings:
        first = finding.fingerprint()
        identified.append(Identified(finding, finding.fingerprint(seen[first])))
        seen[first] += 1
    return identified
