"""A summary for a pull request: new findings first, then blockers, then what was not scanned."""

from __future__ import annotations

from domain.scans.files import words
from domain.scans.findings import trend
from domain.scans.findings.model import Finding, ScanReport, ScanState, State, counts
from domain.scans.findings.remarks import remarks, since

MAX_ROWS = 50
MAX_PATHS = 10


def write(report: ScanReport) -> str:
    """A table of at most MAX_ROWS findings; the number of others below it."""
    lines = [f"### Scan: {_cell(report.verdict) or 'done'}", ""]
    for tool in report.tools:
        if tool.state is not ScanState.COMPLETE:
            lines.append(f"- **{tool.tool} is {tool.state}**: {_cell(tool.reason)}")
    lines += [f"- {_cell(one)}" for one in remarks(report)]
    lines += [""] if lines[-1] else []
    found = ", ".join(f"{number} {severity}" for severity, number in counts(report.findings).items()) or "no findings"
    lines += [_cell("; ".join(part for part in (found, since(report)) if part)), ""]
    shown = sorted(report.findings, key=lambda one: (one.state is not State.NEW, -one.severity.rank))
    if shown:
        lines += ["| finding | state | severity | where | what | fixed in |", "|---|---|---|---|---|---|"]
        lines += [_row(one) for one in shown[:MAX_ROWS]]
    if len(shown) > MAX_ROWS:
        lines += ["", f"… and {len(shown) - MAX_ROWS:,} more."]
    lines += _paths(shown[:MAX_ROWS])
    if told := trend.words(report.trend):
        lines += ["", _cell(told)]
    if files := words.lines(report.inventory):
        lines += ["", *(f"- {_cell(line)}" for line in files)]
    return "\n".join([*lines, ""])


def _paths(shown: list[Finding]) -> list[str]:
    """How strangers' values come to the new findings, a list each."""
    lines: list[str] = []
    for one in [one for one in shown if one.trace and one.state is State.NEW][:MAX_PATHS]:
        lines += ["", f"{_cell(one.rule)} at {_cell(one.place)}:", ""]
        lines += [f"1. {_cell(f'{step.path}:{step.line}')} {_cell(step.text[:200])}" for step in one.trace]
    return lines


def _row(one: Finding) -> str:
    where = _cell(one.place)
    what = f"{_cell(one.rule)}: {_cell(one.message[:200])}"
    return f"| {_cell(one.short)} | {one.state} | {one.severity} | {where} | {what} | {_cell(one.fixed_in)} |"


def _cell(text: str) -> str:
    """Scanner output is data: no markup, no line breaks, no end of a cell."""
    plain = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    plain = plain.replace("\\", "\\\\")
    for sign in "|`*_[]!#@":
        plain = plain.replace(sign, f"\\{sign}")
    return "".join(letter for letter in plain if letter.isprintable())
