"""One SARIF 2.1.0 document (OASIS standard) for all tools of a scan: a run per tool, fingerprints of our own."""

from __future__ import annotations

from typing import Any

from domain.findings.identity import identified
from domain.findings.model import Finding, ScanReport, ScanState, Severity, ToolReport

_LEVELS = {Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning"}
_SCORES = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "2.0",
    Severity.INFO: "0.0",
    Severity.UNKNOWN: "8.0",
}
"""GitHub's security-severity scale from 0 to 10; an unknown severity is shown as high, as the gate counts it."""


def document(report: ScanReport) -> dict[str, Any]:
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [_run(tool) for tool in report.tools],
    }


def _run(tool: ToolReport) -> dict[str, Any]:
    complete = tool.state is ScanState.COMPLETE
    invocation: dict[str, Any] = {"executionSuccessful": complete}
    if not complete:
        invocation["toolExecutionNotifications"] = [{"level": "error", "message": {"text": tool.reason}}]
    rules = {finding.rule: finding for finding in tool.findings}
    driver: dict[str, Any] = {"name": tool.tool, "rules": [_rule(rules[name]) for name in sorted(rules)]}
    if tool.version:
        driver["version"] = tool.version
    return {
        "tool": {"driver": driver},
        "invocations": [invocation],
        "results": [_result(found) for found in identified(tool.findings)],
    }


def _rule(finding: Finding) -> dict[str, Any]:
    properties: dict[str, Any] = {"security-severity": _SCORES[finding.severity], "tags": [finding.kind.value]}
    if finding.cwe:
        properties["tags"].append(f"external/cwe/{finding.cwe.lower()}")
    rule: dict[str, Any] = {"id": finding.rule, "properties": properties}
    if finding.url.startswith("https://"):
        rule["helpUri"] = finding.url
    return rule


def _result(finding: Finding) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": finding.path or "."}}
    if finding.line:
        place["region"] = {"startLine": finding.line, "endLine": max(finding.end_line, finding.line)}
    return {
        "ruleId": finding.rule,
        "level": _LEVELS.get(finding.severity, "note"),
        "message": {"text": finding.message or finding.rule},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {"sluiceway/v2": finding.fingerprint},
    }
