"""What scanners report, in one shape whatever the tool, and what a set of findings adds up to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields
from enum import StrEnum
from operator import attrgetter
from typing import Any


class Severity(StrEnum):
    """One scale for all tools; UNKNOWN: the tool does not say."""

    UNKNOWN = "unknown"
    INFO = "info"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """For comparisons: higher is worse."""
        return _RANKS[self]


_RANKS = {severity: rank for rank, severity in enumerate(Severity)}


class FindingKind(StrEnum):
    """What a finding is about."""

    SAST = "sast"
    SECRET = "secret"
    MISCONFIGURATION = "misconfiguration"
    VULNERABILITY = "vulnerability"
    LICENSE = "license"
    RUNTIME = "runtime"
    DAST = "dast"
    SUPPRESSION = "suppression"
    """A marker in the code that asks a scanner to look away."""


class State(StrEnum):
    """Of a finding against a baseline."""

    NEW = "new"
    ESCALATED = "escalated"
    """It was there, and is worse now."""
    FIX_AVAILABLE = "fix-available"
    """It was there, and now there is a version without it."""
    MOVED = "moved"
    EXISTING = "existing"
    FIXED = "fixed"
    """Only in the baseline."""
    SUPPRESSED = "suppressed"


@dataclass(frozen=True)
class Source:
    """A tool and the rule of it that reported a finding."""

    tool: str
    rule: str


@dataclass(frozen=True, slots=True)  # there may be many, and they have more fields than Python shares the names of
class Finding:
    """What a scanner found, in the same words for all scanners."""

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
    """`CWE-89`."""
    snippet: str = ""
    """The code as it stands there, never a secret."""
    package: str = ""
    """Package URL where the tool gives one."""
    fixed_in: str = ""
    url: str = ""
    confidence: str = ""
    """low, medium or high, where the tool says."""
    severity_source: str = ""
    """Whose severity it is: the tool's own, or the database that it comes from."""
    installed: str = ""
    references: tuple[str, ...] = ()
    resource: str = ""
    """What a misconfiguration or a running thing is called."""
    secret: str = ""
    """HMAC of the value with the installation's key; the value itself never leaves the scanner's activity."""
    aliases: tuple[str, ...] = ()
    """Other names of a vulnerability."""
    code: str = ""
    """The weak statement with everything that formatting can change taken out."""
    scope: str = ""
    """Names of the classes and functions around it."""
    context: tuple[str, ...] = ()
    """Short hashes of the statements around it."""
    sources: tuple[Source, ...] = ()
    """Every tool that says so, once merged; the first one is `tool` and `rule`."""
    fingerprint: str = ""
    state: State = State.NEW
    epss: float = 0.0
    """Of a vulnerability: probability that it is exploited within 30 days; 0 where nobody says."""
    kev: bool = False
    """Of a vulnerability: it is known to be exploited."""
    since: float = 0.0
    """When it was first seen, in seconds since the epoch; 0: not known."""
    why: str = ""
    """Of the state: what the baseline had, or who suppressed it and why."""

    @property
    def said_by(self) -> tuple[Source, ...]:
        """All tools and rules that found it; just its own one when nothing was merged."""
        return self.sources or (Source(self.tool, self.rule),)


_values = attrgetter(*(one.name for one in fields(Finding)))
_put: dict[str, Callable[[Finding, Any], None]] = {
    one.name: getattr(Finding, one.name).__set__ for one in fields(Finding)
}


def like(one: Finding, **changes: Any) -> Finding:
    """`dataclasses.replace`, in a third of its time: a comparison makes as many findings as there are."""
    made = Finding.__new__(Finding)
    for put, value in zip(_put.values(), _values(one), strict=True):
        put(made, value)
    for name, value in changes.items():
        _put[name](made, value)
    return made


NO_DATABASE = "none"
"""Of `database_date`: the tool would look for known vulnerabilities, and has nothing to look them up in."""


class ScanState(StrEnum):
    """How one tool's scan ended."""

    COMPLETE = "complete"
    INCOMPLETE = "incomplete"
    """It ran, and something that it had to look at was not looked at."""
    SKIPPED = "skipped"
    """An optional tool that is not installed."""
    FAILED = "failed"
    """Missing, crashed, timed out, or printed something that is not a report."""


@dataclass(frozen=True)
class ToolReport:
    """One run of one scanner."""

    tool: str
    state: ScanState
    version: str = ""
    reason: str = ""
    """Why it is not complete, or what was looked at."""
    findings: tuple[Finding, ...] = ()
    files_scanned: int = 0
    seconds: float = 0
    output: str = ""
    """Digest of the tool's own output in the store."""
    files_expected: int = 0
    digests: dict[str, str] = field(default_factory=dict)
    """Of what it used: `tool`, `rules`, `database`, and of the `target`."""
    database_date: str = ""
    """When the vulnerability database was made; empty where none is used."""
    cached: bool = False
    documents: dict[str, str] = field(default_factory=dict)
    """Name to digest of what else it has made: `sbom`."""
    found: int = 0
    """Findings of this tool, before they were put together with those of the others."""


@dataclass(frozen=True)
class ScanReport:
    """All scanners of one scan job."""

    tools: tuple[ToolReport, ...] = ()
    merged: tuple[Finding, ...] = ()
    """What two tools say is here once; reports of the tools hold theirs only until then."""
    fixed: tuple[Finding, ...] = ()
    """Of the baseline, gone."""
    baseline: str = ""
    """What it was compared with, in words; empty: with nothing."""
    notes: tuple[str, ...] = ()
    """What people should know of the suppressions."""
    images: dict[str, str] = field(default_factory=dict)
    """Of a scan of an image, what it is known by: name to hexadecimal SHA-256. Empty: it was no image."""
    verdict: str = ""
    """Whether it is acceptable, in words, where somebody has asked."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Of all tools; those that mean the same are one after merging."""
        return self.merged or tuple(finding for report in self.tools for finding in report.findings)

    @property
    def failed(self) -> tuple[ToolReport, ...]:
        """Tools whose silence means nothing; what a skipped one means, the gate's policy says."""
        return tuple(report for report in self.tools if report.state in (ScanState.FAILED, ScanState.INCOMPLETE))

    @property
    def skipped(self) -> tuple[ToolReport, ...]:
        """Optional tools that are not installed."""
        return tuple(report for report in self.tools if report.state is ScanState.SKIPPED)


def counts(findings: Iterable[Finding]) -> dict[str, int]:
    """Findings per severity, worst first; severities without a finding are left out."""
    found = Counter(finding.severity for finding in findings)
    return {severity.value: found[severity] for severity in reversed(Severity) if found[severity]}
