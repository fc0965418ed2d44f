"""What `scan --explain` and `scan --fix` print and ask."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from domain.core.values import number
from workers.core.settings import current
from workers.views.output import out, out_lines

if TYPE_CHECKING:
    from domain.scans.findings.model import ScanReport

MAX_LEFT = 20
"""So many findings that no fix fits are listed."""


def explain(name: str) -> None:
    """Prints a rule, a page, or a finding of the last scan.

    Raises:
        SluicewayError: SLW890, nothing has this name.
    """
    from activities.scans.last_report import LastReport
    from domain.scans.rules.explaining import explained

    out_lines(explained(name, LastReport(current().home).findings()))


def remember(report: ScanReport) -> None:
    """Keeps the findings for `--explain`; a home that cannot be written is no reason to fail a scan."""
    from activities.scans.last_report import LastReport

    try:
        LastReport(current().home).keep(report)
    except OSError as wrong:
        out(f"the findings are not kept for --explain: {wrong}", err=True)


def offer(path: Path, report: ScanReport, write: bool) -> None:
    """Prints the patch; writes it if asked to, or after a yes on a terminal.

    Raises:
        SluicewayError: SLW891, a file is not as it was scanned.
    """
    from activities.scans import fixes

    root = path.resolve() if path.is_dir() else path.resolve().parent
    proposal = fixes.proposed(root, report.findings)
    for one, hint in proposal.left[:MAX_LEFT]:
        out(" ".join(f"not fixed: {one.path}:{one.line} {one.rule}: {hint}".split()), err=True)
    if len(proposal.left) > MAX_LEFT:
        out(f"and {len(proposal.left) - MAX_LEFT} more", err=True)
    if not proposal.changes:
        out("nothing can be fixed mechanically", err=True)
        return
    out_lines(proposal.patch, nl=False)
    files = number(len(proposal.changes), "file")
    if write or (_asks() and click.confirm(f"Write these changes to {files}?", err=True)):
        fixes.write(root, proposal.changes)
        out(f"{files} changed; run the tests, and the scan again", err=True)
    else:
        out(f"{files} would change; --write does it, and so does: git apply", err=True)


def _asks() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()
