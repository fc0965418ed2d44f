"""One SARIF 2.1.0 document (OASIS standard) for all tools of a scan: a run per tool, with our own fingerprints."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import quote

from domain.core.documents import Manifest
from domain.scans.findings.model import (
    NO_DATABASE,
    Finding,
    ScanReport,
    ScanState,
    Severity,
    Source,
    State,
    Step,
    ToolReport,
)
from domain.scans.findings.remarks import UNSEARCHED

_LEVELS = {Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning"}
_SCORES = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "2.0",
    Severity.INFO: "0.0",
    Severity.UNKNOWN: "8.0",
}
"""GitHub's security-severity from 0 to 10; an unknown severity is shown as high, like in gates."""
_ROOT = "%SRCROOT%"
_BASELINE = {
    State.NEW: "new",
    State.EXISTING: "unchanged",
    State.SUPPRESSED: "unchanged",
    State.MOVED: "updated",
    State.ESCALATED: "updated",
    State.FIX_AVAILABLE: "updated",
    State.FIXED: "absent",
}


def write(report: ScanReport) -> str:
    """As indented JSON text."""
    return json.dumps(document(report), indent=1)


def document(report: ScanReport) -> Manifest:
    """A tool without findings has a run as well."""
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [_run(tool, report, report.notes if at == 0 else ()) for at, tool in enumerate(report.tools)],
    }


def _run(tool: ToolReport, report: ScanReport, notes: Sequence[str]) -> Manifest:
    """A merged finding is in the run of its first tool, with all tools as a property; notes are of the whole scan."""
    mine = [one for one in (*report.findings, *report.fixed) if one.said_by[0].tool == tool.tool]
    rules = {one.rule: one for one in sorted(mine, key=lambda one: one.severity.rank)}  # the worst of each
    driver: Manifest = {"name": tool.tool, "rules": [_rule(rules[name]) for name in sorted(rules)]}
    if tool.version:
        driver["version"] = tool.version
    root: Manifest = {"originalUriBaseIds": {_ROOT: {"description": {"text": "the root of the repository"}}}}
    return {
        "tool": {"driver": driver},
        **(root if report.prefix else {}),
        "invocations": [_invocation(tool, notes)],
        "results": [_result(one, bool(report.baseline), report.prefix) for one in mine],
        "columnKind": "unicodeCodePoints",
    }


def _invocation(tool: ToolReport, notes: Sequence[str]) -> Manifest:
    """Only what leaves a gap is an error, by which readers know that the scan is not complete."""
    told = [("note", note) for note in notes]
    if tool.database_date == NO_DATABASE:
        told.insert(0, ("warning", f"{tool.tool} {UNSEARCHED}"))
    if tool.state is not ScanState.COMPLETE:
        told.insert(0, ("error", f"{tool.state}: {tool.reason}"))
    made: Manifest = {"executionSuccessful": tool.state is ScanState.COMPLETE}
    if told:
        made["toolExecutionNotifications"] = [{"level": level, "message": {"text": text}} for level, text in told]
    return made


def _rule(finding: Finding) -> Manifest:
    tags = [finding.kind.value]
    if finding.cwe:
        tags.append(f"external/cwe/{finding.cwe.lower()}")
    rule: Manifest = {
        "id": finding.rule,
        "properties": {"security-severity": _SCORES[finding.severity], "tags": tags},
    }
    if finding.url.startswith("https://"):
        rule["helpUri"] = finding.url
    return rule


def _artifact(path: str, prefix: str) -> Manifest:
    """A file's location. With a prefix it is relative to the root of the repository, as readers resolve it."""
    if not prefix:
        return {"uri": quote(path) or "."}
    return {"uri": quote(prefix + path), "uriBaseId": _ROOT}


def _result(finding: Finding, compared: bool, prefix: str) -> Manifest:
    place: Manifest = {"artifactLocation": _artifact(finding.path, prefix)}
    if finding.line:
        place["region"] = {"startLine": finding.line, "endLine": max(finding.end_line, finding.line)}
    result: Manifest = {
        "ruleId": finding.rule,
        "level": _LEVELS.get(finding.severity, "note"),
        "message": {"text": finding.message or finding.rule},
        "locations": [{"physicalLocation": place, **_within(finding)}],
        "partialFingerprints": {"sluiceway/v2": finding.fingerprint},
        "properties": {
            "kind": finding.kind.value,
            "security-severity": _SCORES[finding.severity],
            "sources": _sources(finding.said_by),
            **({"owner": finding.owner} if finding.owner else {}),
        },
    }
    if finding.since:
        result["provenance"] = {"firstDetectionTimeUtc": f"{datetime.fromtimestamp(finding.since, UTC):%FT%TZ}"}
    if finding.trace:
        result["codeFlows"] = [{"threadFlows": [{"locations": [_step(one, prefix) for one in finding.trace]}]}]
    if compared:
        result["baselineState"] = _BASELINE[finding.state]
    if finding.state is State.SUPPRESSED:
        result["suppressions"] = [{"kind": "external", "justification": finding.why}]
    return result


def _step(step: Step, prefix: str) -> Manifest:
    """A location of a thread flow (3.38): the steps are in the order in which the value passes them."""
    place: Manifest = {"artifactLocation": _artifact(step.path, prefix)}
    if step.line:
        place["region"] = {"startLine": step.line}
    return {"location": {"physicalLocation": place, "message": {"text": step.text}}}


def _within(finding: Finding) -> Manifest:
    """Which file of an archive, or which cell of a notebook."""
    cell = [{"name": f"cell {finding.cell}", "kind": "cell"}] if finding.cell else []
    member = [{"fullyQualifiedName": finding.member, "kind": "member"}] if finding.member else []
    return {"logicalLocations": [*member, *cell]} if member or cell else {}


def _sources(sources: Sequence[Source]) -> list[str]:
    return [f"{source.tool}: {source.rule}" for source in sources]
