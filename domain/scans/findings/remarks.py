"""What a reader of findings has to know besides them: the same in every format."""

from __future__ import annotations

from domain.core.values import number
from domain.scans.findings.model import NO_DATABASE, ScanReport, State

UNSEARCHED = "has no vulnerability database: it did not look for known vulnerabilities"


def without_database(report: ScanReport) -> tuple[str, ...]:
    """Scanners that had no vulnerability database; where there is one, no known vulnerability was looked for."""
    return tuple(tool.tool for tool in report.tools if tool.database_date == NO_DATABASE)


def remarks(report: ScanReport) -> tuple[str, ...]:
    """One line each, most important first; empty: nothing to add. Names in them are a stranger's."""
    hidden = sum(one.state is State.SUPPRESSED for one in report.findings)
    return (
        *(f"{tool} {UNSEARCHED}" for tool in without_database(report)),
        *report.notes,
        *([f"{number(hidden, 'finding')} suppressed"] if hidden else []),
    )
