"""What `scan --explain` and `scan --fix` print and ask."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from domain.core.errors import SluicewayError
from domain.core.values import number
from workers.core.settings import current
from workers.views.output import out, out_lines, styled

if TYPE_CHECKING:
    from domain.scans.findings.model import ScanReport

MAX_LEFT = 20
"""So many findings that no fix fits are listed."""


def explain(name: str, path: Path) -> None:
    """Prints a rule, a page, or a finding of the last scan of a path.

    Raises:
        click.UsageError: no name was given.
        SluicewayError: SLW890, nothing has this name; SLW892, several findings have it.
    """
    from activities.scans.last_report import LastReports
    from domain.scans.rules.explaining import beginning, explained

    if not name.strip():
        raise click.UsageError("--explain needs a rule, a page of docs/rules, or the start of a fingerprint")
    real, kept = path.resolve(), LastReports(current().home)
    known = kept.around(real)
    if known is None or not beginning(name, known.findings):
        known = next((one for one in kept.newest() if beginning(name, one.findings)), known)
    found = known.findings if known else ()
    if known and known.target != str(real) and beginning(name, found):
        at = f"{datetime.fromtimestamp(known.at):%Y-%m-%d %H:%M}"
        out(styled(f"from the last scan of {known.target}, {at}", dim=True), err=True)
    try:
        text = explained(name, found)
    except SluicewayError as unknown:
        looked = f"the findings are those of {known.target}" if known else f"no scan of {real} is known yet"
        unknown.why = f"{unknown.why}; {looked}"
        raise
    out_lines(text)


def remember(target: str, report: ScanReport, at: float) -> None:
    """Keeps the findings for `--explain`; a home that cannot be written is no reason to fail a scan."""
    from activities.scans.last_report import LastReports

    try:
        LastReports(current().home).keep(target, report, at)
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
