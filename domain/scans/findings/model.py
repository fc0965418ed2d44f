"""Findings in one shape for all scanners, and the reports that contain them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from operator import attrgetter

from domain.scans.files.report import Inventory
from domain.scans.findings.trend import TrendPoint


class Severity(StrEnum):
    """One scale for all tools; UNKNOWN: the tool does not rate it."""

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
    """A comment in the code that suppresses a scanner's finding."""


class FileClass(StrEnum):
    """What a file is for, as far as it shows: who would have to change it."""

    OWN = "own"
    TEST = "test"
    GENERATED = "generated"
    VENDORED = "vendored"
    """A copy of somebody else's code."""
    MINIFIED = "minified"
    CLAIMED = "claimed"
    """Only its own words say that it is generated, minified or published by others. Judged like OWN."""


class State(StrEnum):
    """A finding's state against the baseline."""

    NEW = "new"
    ESCALATED = "escalated"
    """In the baseline, and more severe now."""
    FIX_AVAILABLE = "fix-available"
    """In the baseline, and a fixed version exists now."""
    MOVED = "moved"
    EXISTING = "existing"
    FIXED = "fixed"
    """Only in the baseline."""
    SUPPRESSED = "suppressed"


@dataclass(frozen=True)
class Source:
    """A tool and its rule that reported a finding."""

    tool: str
    rule: str


@dataclass(frozen=True)
class Step:
    """A place on the way of a value from where it comes in to where it does harm."""

    path: str
    line: int
    """From 1."""
    text: str
    """What happens there, such as "the request's parameter q"."""


@dataclass(frozen=True, slots=True, kw_only=True)  # slots: many instances, with more fields than key-sharing dicts hold
class Finding:
    """One finding, in the same fields for all scanners."""

    tool: str
    rule: str
    kind: FindingKind
    severity: Severity
    message: str
    path: str = ""
    line: int = 0
    """From 1; 0: no line."""
    end_line: int = 0
    cell: int = 0
    """The cell of a notebook, from 1; the line is the file's. 0: not in a notebook."""
    member: str = ""
    """Path within an archive; `path` is the archive's. Archives in archives are joined by `!`. Empty: not in one."""
    file_class: FileClass = FileClass.OWN
    cwe: str = ""
    """Such as `CWE-89`."""
    snippet: str = ""
    """The code at the finding; never a secret."""
    package: str = ""
    """Package URL, if the tool gives one."""
    fixed_in: str = ""
    url: str = ""
    confidence: str = ""
    """low, medium or high, if the tool gives it."""
    likelihood: str = ""
    """low, medium or high: how likely somebody can use it, if the rule says so."""
    impact: str = ""
    """low, medium or high: what it costs then, if the rule says so."""
    trace: tuple[Step, ...] = ()
    """The path from where a stranger's value comes in to the finding, in this order; empty: none was proven."""
    severity_source: str = ""
    """The source of the severity: the tool, or its database."""
    installed: str = ""
    references: tuple[str, ...] = ()
    resource: str = ""
    """The resource of a misconfiguration, or the name of a running object."""
    secret: str = ""
    """HMAC of the value with the installation's key; the value itself never leaves the scan activity."""
    aliases: tuple[str, ...] = ()
    """Aliases of a vulnerability."""
    code: str = ""
    """The weak statement, normalised so that formatting does not matter."""
    scope: str = ""
    """Names of the enclosing classes and functions."""
    context: tuple[str, ...] = ()
    """Short hashes of the surrounding statements."""
    sources: tuple[Source, ...] = ()
    """All tools that reported it, after merging; the first is `tool` and `rule`."""
    fingerprint: str = ""
    state: State = State.NEW
    epss: float = 0.0
    """EPSS: probability that a vulnerability is exploited within 30 days; 0: unknown."""
    kev: bool = False
    """The vulnerability is known to be exploited (KEV)."""
    since: float = 0.0
    """When it was first seen, in seconds since the epoch; 0: unknown."""
    since_commit: str = ""
    """The commit of the scan that saw it first; empty: unknown."""
    on_branch: bool = False
    """The last scan of the default branch has it, no less severe, whether or not a gate let that pass."""
    owner: str = ""
    """Who has to deal with it, from a reviewed file of the default branch; empty: nobody was named."""
    why: str = ""
    """Explains the state: what the baseline had, or who suppressed it and why."""
    imported: bool = False
    """Only reports say so that were brought along, by the repository or a job: no tool has found it here."""
    tool_suppression: str = ""
    """Why its own tool suppresses it; empty: it does not. It counts all the same, unless a gate accepts that."""

    @property
    def short(self) -> str:
        """The start of the fingerprint, as people see and type it."""
        return self.fingerprint[:8]

    @property
    def place(self) -> str:
        """Where it is, for people, such as `app.pyz!pkg/db.py:3` or `study.ipynb:40 (cell 2)`; empty: nowhere."""
        where = f"{self.path}!{self.member}" if self.member else self.path
        line = f":{self.line}" if self.line else ""
        return f"{where}{line} (cell {self.cell})" if self.cell else f"{where}{line}"

    @property
    def said_by(self) -> tuple[Source, ...]:
        """All tools and rules that reported it; only its own before merging."""
        return self.sources or (Source(self.tool, self.rule),)


FieldValue = str | int | float | tuple[str, ...] | tuple[Source, ...] | tuple[Step, ...]
"""What the fields of a finding hold; kinds, severities and states are texts too."""
_values = attrgetter(*(one.name for one in fields(Finding)))
_put: dict[str, Callable[[Finding, FieldValue], None]] = {
    one.name: getattr(Finding, one.name).__set__ for one in fields(Finding)
}


def like(one: Finding, **changes: FieldValue) -> Finding:
    """`dataclasses.replace`, three times as fast: a comparison copies every finding."""
    made = Finding.__new__(Finding)
    for put, value in zip(_put.values(), _values(one), strict=True):
        put(made, value)
    for name, value in changes.items():
        _put[name](made, value)
    return made


_TOLD = (
    *("message", "snippet", "resource", "package", "url", "code", "scope", "why", "tool_suppression"),
    *("path", "member", "rule"),
)


def told(one: Finding, masked: Callable[[str], str]) -> Finding:
    """The finding with what its tool wrote masked."""
    texts = {name: text for name in _TOLD if (text := getattr(one, name))}
    changed = {name: new for name, text in texts.items() if (new := masked(text)) != text}
    references = tuple(map(masked, one.references))
    trace = tuple(replace(step, path=masked(step.path), text=masked(step.text)) for step in one.trace)
    if not changed and references == one.references and trace == one.trace:
        return one
    return like(one, **changed, references=references, trace=trace)


@dataclass(frozen=True, kw_only=True)
class Cleared:
    """Lines of a file at which nothing of a stranger's can do this harm: each value there was followed."""

    path: str
    cwe: str
    lines: tuple[int, ...]


NO_DATABASE = "none"
"""Value of `database_date` when the tool needs a vulnerability database and has none."""


class ScanState(StrEnum):
    """How one tool's scan ended."""

    COMPLETE = "complete"
    INCOMPLETE = "incomplete"
    """It ran, but did not scan everything it should have."""
    SKIPPED = "skipped"
    """An optional tool that is not installed."""
    FAILED = "failed"
    """Missing, crashed, timed out, or without a valid report."""


@dataclass(frozen=True, kw_only=True)
class ToolReport:
    """One run of one scanner."""

    tool: str
    state: ScanState
    version: str = ""
    reason: str = ""
    """Why it is not complete, or what was scanned."""
    findings: tuple[Finding, ...] = ()
    files_scanned: int = 0
    seconds: float = 0
    output: str = ""
    """Digest of the tool's raw output in the store."""
    files_expected: int = 0
    digests: dict[str, str] = field(default_factory=dict)
    """Digests of its inputs: `tool`, `rules`, `database`, and the `target`."""
    database_date: str = ""
    """When the vulnerability database was built; empty: none is used."""
    cached: bool = False
    documents: dict[str, str] = field(default_factory=dict)
    """Other outputs by name, such as `sbom`, to digest."""
    found: int = 0
    """This tool's findings before merging."""
    inventory: Inventory | None = None
    """Only of the comparison of files itself, see `ScanReport.inventory`."""
    imported: bool = False
    """Read from a report in the repository or an artifact: the tool did not run here."""
    cleared: tuple[Cleared, ...] = ()
    """What it has followed and found harmless: refutes what less precise tools say there."""


@dataclass(frozen=True, kw_only=True)
class ScanReport:
    """All scanners of one scan job."""

    tools: tuple[ToolReport, ...] = ()
    merged: tuple[Finding, ...] = ()
    """Merged findings; reports of the tools hold theirs only until then."""
    fixed: tuple[Finding, ...] = ()
    """Findings of the baseline that are gone."""
    baseline: str = ""
    """What it was compared with, as text; empty: nothing."""
    notes: tuple[str, ...] = ()
    """Notes on the suppressions, for people."""
    images: dict[str, str] = field(default_factory=dict)
    """Names of a scanned image to hexadecimal SHA-256 digests; empty: not an image."""
    verdict: str = ""
    """The gate's verdict as text, if one was asked for."""
    reasons: tuple[str, ...] = ()
    """All of the verdict's reasons, the one that decided first."""
    exclude: tuple[str, ...] = ()
    """The patterns whose findings were left out."""
    inventory: Inventory = field(default_factory=Inventory)
    """The files by kind and class, and those that nothing fitting has looked at."""
    path: str = "."
    """The path that was scanned; `.`: everything."""
    refuted: tuple[Finding, ...] = ()
    """Findings of a tool that looks at single lines, where another has followed every value and found no harm."""
    trend: tuple[TrendPoint, ...] = ()
    """The last scans of the default branch, oldest first; empty: none is known."""
    only_new: bool = False
    """What the baseline has, and what is gone, was left out: this report cannot count it."""
    subject: str = ""
    """What was scanned, with its commit and the day, for titles; empty: not known."""
    prefix: str = ""
    """From the root of the repository to the scanned folder, with `/` at the end; empty: it is the root, or unknown."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Findings of all tools; merged ones after merging."""
        return self.merged or tuple(finding for report in self.tools for finding in report.findings)

    @property
    def failed(self) -> tuple[ToolReport, ...]:
        """Tools that failed; how a skipped one counts is up to the gate's policy."""
        return tuple(report for report in self.tools if report.state in (ScanState.FAILED, ScanState.INCOMPLETE))

    @property
    def skipped(self) -> tuple[ToolReport, ...]:
        """Optional tools that are not installed."""
        return tuple(report for report in self.tools if report.state is ScanState.SKIPPED)


def counts(findings: Iterable[Finding]) -> dict[str, int]:
    """Number of findings per severity, worst first; zeros are left out."""
    found = Counter(finding.severity for finding in findings)
    return {severity.value: found[severity] for severity in reversed(Severity) if found[severity]}
