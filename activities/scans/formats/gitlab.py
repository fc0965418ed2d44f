"""GitLab's security report (sast, version 15.0.7 of its schemas), for its vulnerability page."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from domain.core.documents import Manifest
from domain.core.values import Json
from domain.scans.findings.model import Finding, FindingKind, ScanReport, Severity, State
from domain.scans.findings.remarks import remarks

_SEVERITIES = {
    Severity.CRITICAL: "Critical",
    Severity.HIGH: "High",
    Severity.MEDIUM: "Medium",
    Severity.LOW: "Low",
    Severity.INFO: "Info",
    Severity.UNKNOWN: "Unknown",
}
_SHOWN = (FindingKind.SAST, FindingKind.SECRET, FindingKind.MISCONFIGURATION)


def write(report: ScanReport) -> str:
    """As indented JSON text."""
    return json.dumps(document(report), indent=1)


def document(report: ScanReport, now: datetime | None = None) -> Manifest:
    """Without suppressed findings. `now`: both times of the scan in UTC; by default the epoch, to be reproducible."""
    at = (now or datetime.fromtimestamp(0, UTC)).strftime("%Y-%m-%dT%H:%M:%S")
    us: Manifest = {"id": "sluiceway", "name": "Sluiceway", "version": "1", "vendor": {"name": "Sluiceway"}}
    return {
        "version": "15.0.7",
        "scan": {
            "type": "sast",
            "status": "failure" if report.failed else "success",
            "start_time": at,
            "end_time": at,
            "scanner": us,
            "analyzer": us,
            "messages": _messages(report),
        },
        "vulnerabilities": [
            _vulnerability(one) for one in report.findings if one.kind in _SHOWN and one.state is not State.SUPPRESSED
        ],
    }


def _messages(report: ScanReport) -> list[Json]:
    """What stands beside the findings: why a scanner is not complete, and remarks."""
    failed: list[Json] = [
        {"level": "warn", "value": f"{one.tool} is {one.state}: {one.reason}"} for one in report.failed
    ]
    return [*failed, *({"level": "info", "value": one} for one in remarks(report))]


def _vulnerability(one: Finding) -> Manifest:
    identifiers = [{"type": f"{s.tool}_id", "name": f"{s.tool} {s.rule}", "value": s.rule} for s in one.said_by]
    if one.cwe.startswith("CWE-"):
        identifiers.append({"type": "cwe", "name": one.cwe, "value": one.cwe.removeprefix("CWE-")})
    location: Manifest = {"file": one.path}
    if one.line:
        location |= {"start_line": one.line, "end_line": max(one.end_line, one.line)}
    return {
        "id": one.fingerprint,
        "name": one.rule[:255],
        "description": one.message,
        "severity": _SEVERITIES[one.severity],
        "location": location,
        "identifiers": identifiers,
    }
