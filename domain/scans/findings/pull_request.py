"""What a pull request brings: nobody reads again what was there before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from domain.scans.findings.model import Finding, ScanReport, State, ToolReport
from domain.scans.findings.trend import TrendPoint

BROUGHT = (State.NEW, State.ESCALATED)


def brought(report: ScanReport) -> ScanReport:
    """The report with only new and escalated findings that the default branch does not have, green or not."""
    found = tuple(one for one in report.findings if one.state in BROUGHT and not one.on_branch)
    tools = tuple(replace(tool, findings=()) for tool in report.tools)
    return replace(report, tools=tools, merged=found, fixed=(), notes=(), only_new=True)


def together(reports: Iterable[ScanReport]) -> ScanReport:
    """Several scans of one commit as one report; of a tool that ran in several of them, the worst run is told."""
    tools: dict[str, ToolReport] = {}
    found: list[Finding] = []
    baselines: list[str] = []
    trends: list[tuple[TrendPoint, ...]] = []
    for report in reports:
        found += report.findings
        baselines += [report.baseline] if report.baseline else []
        trends += [report.trend] if report.trend else []
        for tool in report.tools:
            if tool.tool not in tools or tool in report.failed:
                tools[tool.tool] = tool
    said = "; ".join(dict.fromkeys(baselines))
    return ScanReport(
        tools=tuple(tools.values()), merged=tuple(found), baseline=said, trend=trends[0] if len(trends) == 1 else ()
    )
