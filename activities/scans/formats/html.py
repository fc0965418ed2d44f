"""A self-contained page: findings with code by file or rule, filtered by severity, kind, state, class and words."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from activities.core.templates import template
from domain.core.values import number
from domain.scans.files import words
from domain.scans.files.report import MAX_UNSCANNED
from domain.scans.findings import trend
from domain.scans.findings.model import (
    FileClass,
    Finding,
    FindingKind,
    ScanReport,
    ScanState,
    Severity,
    State,
    counts,
)
from domain.scans.findings.remarks import NEW, remarks, since

SCRIPT = (Path(__file__).parent / "findings.js").read_text()
"""The only script that the page's CSP allows, by its hash: findings cannot inject one, escaped or not."""
OPEN = 50
"""Up to so many findings their groups are unfolded."""
_APART = (FileClass.VENDORED, FileClass.MINIFIED)


@dataclass(frozen=True)
class Group:
    """Findings of one file, or of one package."""

    name: str
    findings: list[Finding]

    @property
    def counts(self) -> dict[str, int]:
        """Severity to number, worst first."""
        return counts(self.findings)

    @property
    def order(self) -> tuple[int, int, str]:
        """The worst of what is new first, then the most."""
        return (-max(map(_weight, self.findings)), -len(self.findings), self.name)


@dataclass(frozen=True)
class Part:
    """Findings that are shown together."""

    title: str
    groups: list[Group]
    open: bool

    @property
    def count(self) -> int:
        """Of findings."""
        return sum(len(one.findings) for one in self.groups)

    @property
    def counts(self) -> dict[str, int]:
        """Severity to number, worst first."""
        return counts(one for group in self.groups for one in group.findings)


def write(report: ScanReport) -> str:
    """The page."""
    import markupsafe  # slow to load, and rarely needed

    present = {one.kind for one in report.findings}
    return template("scans/formats/findings").render(
        report=report,
        title=number(sum(one.state is not State.SUPPRESSED for one in report.findings), "finding"),
        files=words.lines(report.inventory, MAX_UNSCANNED),
        counts=counts(one for one in report.findings if one.state is not State.SUPPRESSED),
        parts=_parts(report.findings),
        remarks=[one for one in remarks(report) if one not in report.reasons],
        since=since(report),
        weight=_weight,
        classes=[one for one in FileClass if one in {x.file_class for x in report.findings}],
        kinds=[kind for kind in FindingKind if kind in present],
        severities=[one for one in reversed(Severity) if one in {x.severity for x in report.findings}],
        states=[one for one in State if one in {x.state for x in report.findings}],
        complete=ScanState.COMPLETE,
        printable=printable,
        day=_day,
        trend=trend.words(report.trend),
        trend_severities=[one.value for one in reversed(Severity) if any(one in point.open for point in report.trend)],
        script=markupsafe.Markup(SCRIPT),  # noqa: S704
        script_hash=base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode(),
    )


def _parts(findings: Sequence[Finding]) -> list[Part]:
    """What somebody has to look at, then copies of others' code, and what was accepted; empty ones but the first are
    left out.
    """
    titles = ("", "In vendored and minified files", "Suppressed")
    found: tuple[list[Finding], ...] = ([], [], [])
    for one in findings:
        found[2 if one.state is State.SUPPRESSED else 1 if one.file_class in _APART else 0].append(one)
    unfolded = len(findings) <= OPEN
    parts = [Part(title, _groups(part), unfolded) for title, part in zip(titles, found, strict=True)]
    return [part for part in parts if part.groups or not part.title]


def _weight(one: Finding) -> int:
    """For the order: what is new stands before all that is known; without a baseline everything is new."""
    return one.severity.rank + (len(Severity) if one.state in NEW else 0)


def _groups(findings: Sequence[Finding]) -> list[Group]:
    groups: dict[str, list[Finding]] = {}
    for one in sorted(findings, key=_weight, reverse=True):
        groups.setdefault(one.path or one.package, []).append(one)
    return sorted((Group(name, found) for name, found in groups.items()), key=lambda group: group.order)


def _day(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d")


def printable(text: str) -> str:
    """Without control characters, which browsers and terminals may interpret."""
    return "".join(
        letter if letter.isprintable() or letter in "\n\t" else "\N{REPLACEMENT CHARACTER}" for letter in text
    )
