"""Merges reports into one: locates, deduplicates, compares with a baseline, suppresses."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

from domain.core import globs
from domain.scans.files.report import Inventory
from domain.scans.findings.absorbing import absorbed
from domain.scans.findings.baseline import compare
from domain.scans.findings.credentials import confirmed
from domain.scans.findings.deduplicate import merged
from domain.scans.findings.fingerprint import identified
from domain.scans.findings.hiding import hidden
from domain.scans.findings.location import Source, located
from domain.scans.findings.model import Finding, FindingKind, ScanReport, ScanState, State, ToolReport
from domain.scans.findings.refuting import refuted, told
from domain.scans.findings.suppressions import Suppression, apply
from domain.scans.rules.severity import numbered, rated

MAX_SOURCE_BYTES = 2_000_000
"""Limit of a file whose code is read; findings in a bigger file are distinguished by their line's text."""


def locate(reports: Sequence[ToolReport], root: Path) -> list[ToolReport]:
    """Locates imported findings in the code."""
    return [replace(report, findings=tuple(with_code(root, report.findings))) for report in reports]


def merge_reports(reports: Sequence[ToolReport], exclude: tuple[str, ...] = ()) -> ScanReport:
    """One report: merged across tools, without excluded paths, rated, with fingerprints.

    What files there are is said once; that none was overlooked, by there being no report of it among the tools.
    """
    every = (finding for report in reports for finding in report.findings)
    wanted = [one for one in every if not (exclude and globs.matches(one.path, exclude))]
    shown = [report for report in reports if report.inventory is None or report.state is not ScanState.COMPLETE]
    tools = tuple(replace(report, findings=(), cleared=(), found=len(report.findings)) for report in shown)
    files = next((report.inventory for report in reports if report.inventory), Inventory())
    stay, gone = refuted(wanted, reports)
    found = tuple(identified(hidden(rated(merged(confirmed(absorbed(numbered(stay))))))))
    return ScanReport(tools=tools, merged=found, inventory=files, refuted=tuple(gone), notes=told(gone))


def compare_with_baseline(
    report: ScanReport, before: Sequence[Finding], what: str, there: set[str] | None
) -> ScanReport:
    """The report with a state for each finding, and the fixed ones.

    Suppressions of the baseline are ignored: a finding returns when its suppression ends.
    """
    known = [one for one in before if one.state is not State.SUPPRESSED]
    with _uncollected():
        compared = compare(known, report.findings, there)
    return replace(report, merged=compared.findings, fixed=compared.fixed, baseline=what)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Garbage collection is paused: a comparison makes no cycles, and searching for them takes most of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def suppressed(report: ScanReport, suppressions: Sequence[Suppression], today: date) -> ScanReport:
    """Suppressed findings stay, with that state; notes about the suppressions are added."""
    applied = apply(report.findings, suppressions, today)
    return replace(report, merged=applied.findings, notes=(*report.notes, *applied.notes))


def with_code(root: Path, findings: Iterable[Finding]) -> list[Finding]:
    """The findings with the code at their lines, from the files below `root`."""
    sources: dict[str, Source] = {}
    made = []
    for one in findings:
        if not one.line or one.kind is FindingKind.DAST:
            made.append(one)
            continue
        if one.path not in sources:
            sources[one.path] = Source(one.path, _text(root, one.path))
        made.append(located(one, sources[one.path]))
    return made


def _text(root: Path, path: str) -> str:
    """The text of a file inside the folder; paths from scanners are untrusted."""
    real = (root / path).resolve()
    if not real.is_relative_to(root) or not real.is_file() or real.stat().st_size > MAX_SOURCE_BYTES:
        return ""
    return real.read_text("utf-8", "replace")
