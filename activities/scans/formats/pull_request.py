"""The body of a comment on a pull request: what it brings, worst first, with the way of each value.

Names, paths and messages are a stranger's. They stand in code spans, in which no forge makes links, images, mentions,
references or HTML of them, and nothing of them ends the span, the cell or the block that they stand in.
"""

from __future__ import annotations

import html
import re

from domain.core.values import number
from domain.scans.findings import trend
from domain.scans.findings.model import FileClass, Finding, ScanReport, ScanState, counts
from domain.scans.findings.remarks import remarks

MARK = "<!-- sluiceway: what this change brings -->"
"""The first line: whoever posts the comment finds the last one by it, and replaces it."""
MAX_ROWS = 50
MAX_DETAILS = 20
MAX_LENGTH = 60_000
"""Forges take 65,536 characters."""
_MAX_TEXT = 200
_MAX_STEPS, _MAX_LINES, _MAX_TOOLS = 20, 12, 20
_TICKS = re.compile("`+")


def write(report: ScanReport) -> str:
    """`report`: of what the change brings, with a verdict if a gate has judged it. At most `MAX_LENGTH` characters."""
    found = sorted(report.findings, key=lambda one: (-one.severity.rank, one.path, one.line))
    head = [MARK, f"### {_heading(found)}", "", *_verdict(report), *_unscanned(report)]
    rows = ["| severity | where | what | finding |", "|---|---|---|---|", *map(_row, found[:MAX_ROWS])] if found else []
    more = [f"… and {len(found) - MAX_ROWS:,} more.", ""] if len(found) > MAX_ROWS else []
    foot = [f"<sub>{_compared(report)}</sub>", ""]
    details = [_details(one) for one in found[:MAX_DETAILS]]
    while True:
        text = "\n".join([*head, *rows, "", *more, *details, *foot])
        if len(text) <= MAX_LENGTH:
            return text
        if details:
            details.pop()
        else:
            rows = rows[:-1]
            more = [f"… and {len(found) - len(rows) + 2:,} more.", ""]


def _heading(found: list[Finding]) -> str:
    if not found:
        return "No new findings"
    by = ", ".join(f"{count} {severity}" for severity, count in counts(found).items())
    return f"{number(len(found), 'new finding')}: {by}"


def _verdict(report: ScanReport) -> list[str]:
    return [f"**Gate** {code(report.verdict, 500)}", ""] if report.verdict else []


def _unscanned(report: ScanReport) -> list[str]:
    """What was not looked at brings nothing because nobody looked."""
    lines = [
        f"- **{code(tool.tool)} is {tool.state}**: {code(tool.reason)}"
        for tool in report.tools
        if tool.state is not ScanState.COMPLETE
    ]
    lines += [f"- {code(one, 300)}" for one in remarks(report)]
    more = [f"- and {len(lines) - _MAX_TOOLS} more"] if len(lines) > _MAX_TOOLS else []
    return [*lines[:_MAX_TOOLS], *more, ""] if lines else []


def _compared(report: ScanReport) -> str:
    """Ours but for the baseline's name, which stands in HTML here."""
    said = f"compared with <code>{_html(report.baseline)}</code>" if report.baseline else "there is no baseline yet"
    way = trend.words(report.trend)
    return f"{said}{f' · {_html(way)}' if way else ''}"


def _row(one: Finding) -> str:
    what = f"{code(one.rule)} {code(one.message)}"
    return f"| {one.severity}{_class(one)} | {code(_place(one))} | {what}{_fixed(one)} | {code(one.short)} |"


def _class(one: Finding) -> str:
    return "" if one.file_class is FileClass.OWN else f", {one.file_class}"


def _fixed(one: Finding) -> str:
    return f" fixed in {code(one.fixed_in)}" if one.fixed_in else ""


def _place(one: Finding) -> str:
    return f"{one.path}:{one.line}" if one.line else one.path or one.package


def _details(one: Finding) -> str:
    """Folded: the way of the value, the code, and how to go on."""
    steps = [f"{at}. {code(f'{step.path}:{step.line}')} {code(step.text)}" for at, step in enumerate(one.trace, 1)]
    cut = [f"{len(steps) - _MAX_STEPS} more steps", ""] if len(steps) > _MAX_STEPS else []
    title = f"{one.severity}: <code>{_html(one.rule)}</code> at <code>{_html(_place(one))}</code>"
    lines = [
        f"<details><summary>{title}</summary>",
        "",
        code(one.message, 1_000),
        "",
        *(["The value comes this way:", "", *steps[:_MAX_STEPS], *cut, ""] if steps else []),
        *_fenced(one.snippet),
        " ".join(
            part for part in (one.cwe and code(one.cwe), one.why and code(one.why), code(one.fingerprint)) if part
        ),
        "",
        "</details>",
        "",
    ]
    return "\n".join(lines)


def _fenced(text: str) -> list[str]:
    """Code in a fence that is longer than any within."""
    lines = ["".join(filter(str.isprintable, line))[:_MAX_TEXT] for line in text.expandtabs(4).splitlines()]
    if not any(line.strip() for line in lines):
        return []
    longest = max((len(run) for line in lines for run in _TICKS.findall(line)), default=0)
    fence = "`" * max(3, longest + 1)
    return [fence, *lines[:_MAX_LINES], fence, ""]


def code(text: str, most: int = _MAX_TEXT) -> str:
    """A text in a code span, in which it means nothing, on one line and in one cell; empty for nothing."""
    plain = _line(text, most).replace("`", "'").replace("|", "\N{BROKEN BAR}")
    return f"`{plain}`" if plain else ""


def _html(text: str) -> str:
    return html.escape(_line(text, _MAX_TEXT), quote=True)


def _line(text: str, most: int) -> str:
    plain = "".join(letter for letter in " ".join(text.split()) if letter.isprintable())
    return plain if len(plain) <= most else f"{plain[:most]}…"
