"""What a reader of findings has to know besides them: the same in every format."""

from __future__ import annotations

from domain.core.values import number
from domain.scans.findings.model import NO_DATABASE, ScanReport, State

NEW = (State.NEW, State.ESCALATED)
"""States of what the baseline does not have, or has as less severe."""
UNSEARCHED = (
    "has no vulnerability database: it did not look for known vulnerabilities. Get one with `sluiceway db pull --from"
    " REGISTRY/NAME:TAG` or `sluiceway db build --osv FILE…`"
)


def without_database(report: ScanReport) -> tuple[str, ...]:
    """Scanners that had no vulnerability database; where there is one, no known vulnerability was looked for."""
    return tuple(tool.tool for tool in report.tools if tool.database_date == NO_DATABASE)


def unsearched(report: ScanReport) -> tuple[str, ...]:
    """One line for each of them, and what to do."""
    return tuple(f"{tool} {UNSEARCHED}" for tool in without_database(report))


def remarks(report: ScanReport) -> tuple[str, ...]:
    """One line each, most important first; empty: nothing to add. Names in them are a stranger's."""
    hidden = sum(one.state is State.SUPPRESSED for one in report.findings)
    return (
        *unsearched(report),
        *report.notes,
        *([f"{number(hidden, 'finding')} suppressed"] if hidden else []),
    )


def since(report: ScanReport) -> str:
    """What changed since the baseline, with its name, which is a stranger's; empty without one."""
    if not report.baseline:
        return ""
    shown = [one for one in report.findings if one.state is not State.SUPPRESSED]
    new = sum(one.state in NEW for one in shown)
    if report.only_new:
        return f"{new:,} new since {report.baseline}"
    return f"{new:,} new, {len(shown) - new:,} existing, {len(report.fixed):,} fixed since {report.baseline}"
