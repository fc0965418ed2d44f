"""The report of a scan as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from domain.core.values import number
from workers.views.output import Part, styled

if TYPE_CHECKING:
    from domain.scans.findings.model import Finding, ScanReport, ToolReport
    from domain.scans.gate import GateVerdict

COLOURS = {"critical": "red", "high": "red", "medium": "yellow", "unknown": "yellow"}
WIDTH = 160
"""Letters of a message or of a step."""
_INDENT = " " * 10
Line = tuple[Part, ...]


def table(report: ScanReport, verdict: GateVerdict) -> list[Line]:
    """Lines, as parts for `out`: findings, copies of others' code apart, scanners, files, notes, and the verdict."""
    from domain.scans.files import words
    from domain.scans.findings.model import FileClass, State
    from domain.scans.findings.remarks import NEW, unsearched

    found = [one for one in report.findings if one.state is not State.SUPPRESSED]
    found = sorted(found, key=lambda one: one.state not in NEW) if report.baseline else found
    theirs = [one for one in found if one.file_class in (FileClass.VENDORED, FileClass.MINIFIED)]
    ours = [one for one in found if one not in theirs] if theirs else found
    lines = [line for one in ours for line in _finding(one, report)]
    if theirs:
        lines.append((styled("in vendored and minified files:", bold=True),))
        lines += [line for one in theirs for line in _finding(one, report)]
    if found:
        lines += [(), *_summary(report, found)]
    lines += map(_tool, report.tools)
    lines += [(plain(line),) for line in words.lines(report.inventory)]
    lines += [(f"note: {plain(note)}",) for note in report.notes]
    lines += [(styled("warning", "yellow"), f": {plain(one)}") for one in unsearched(report)]
    head = styled("passed", "green", bold=True) if verdict.passed else styled("failed", "red", bold=True)
    first, *rest = verdict.reasons
    return [*lines, (head, f": {plain(first)}"), *((f"        {plain(reason)}",) for reason in rest)]


def _finding(one: Finding, report: ScanReport) -> Iterator[Line]:
    state = f"{one.state:9} " if report.baseline else ""
    tools = ", ".join(dict.fromkeys(source.tool for source in one.said_by))
    severity = styled(f"{one.severity:8}", COLOURS.get(one.severity))
    where = f" {state}{plain(one.place or one.package)}  {plain(one.rule)} ({tools})"
    yield styled(f"{one.short:8}", dim=True), "  ", severity, where
    yield (f"{_INDENT}{plain(one.message)[:WIDTH]}",)
    for step in one.trace:
        yield (f"{_INDENT}  {plain(f'{step.path}:{step.line}  {step.text}')[:WIDTH]}",)


def _summary(report: ScanReport, found: Sequence[Finding]) -> Iterator[Line]:
    from domain.scans.findings.model import counts
    from domain.scans.findings.remarks import since

    by = ", ".join(f"{count} {severity}" for severity, count in counts(found).items())
    yield (f"{number(len(found), 'finding')}: {by}",)
    if said := since(report):
        yield (plain(said),)
    yield (styled(f"what a finding means: sluiceway scan --explain {found[0].short}", dim=True),)


def _tool(tool: ToolReport) -> Line:
    files = number(tool.files_scanned, "file")
    looked = files if tool.state == "complete" else f"{tool.state}: {plain(tool.reason)}"
    took = "unchanged" if tool.cached else f"{tool.seconds:.1f} s"
    name = f"{tool.tool} {tool.version}".rstrip()
    return (f"{name}: {looked}, {number(tool.found, 'finding')} ({took})",)


def plain(text: str) -> str:
    """What a file or a scanner says, in one line; `out` takes its power over the terminal."""
    return " ".join(text.split())
