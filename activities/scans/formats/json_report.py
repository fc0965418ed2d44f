"""The report as JSON, in the documented format: findings, scans, verdict."""

from __future__ import annotations

import json

from domain.core.documents import Manifest
from domain.scans.files.report import Inventory
from domain.scans.findings.model import NO_DATABASE, Finding, ScanReport, ToolReport, counts
from domain.scans.findings.remarks import remarks, without_database
from domain.scans.findings.trend import TrendPoint


def write(report: ScanReport) -> str:
    """As indented JSON text."""
    return json.dumps(document(report), indent=1)


def document(report: ScanReport) -> Manifest:
    """Version 1 of the format."""
    return {
        "version": 1,
        "findings": [finding(one) for one in report.findings],
        "fixed": [finding(one) for one in report.fixed],
        "scans": [_scan(tool) for tool in report.tools],
        "counts": counts(report.findings),
        "baseline": report.baseline,
        "files": _files(report.inventory),
        "trend": [_point(one) for one in report.trend],
        "refuted": [finding(one) for one in report.refuted],
        "known_vulnerabilities": _searched(report),
        "notes": list(report.notes),
        "remarks": list(remarks(report)),
        "verdict": report.verdict,
        "passed": report.verdict.startswith("passed") if report.verdict else None,
        "reasons": list(report.reasons),
    }


def _searched(report: ScanReport) -> Manifest:
    """Whether anything has looked for them: without findings of vulnerabilities that is all the difference."""
    missing = without_database(report)
    searched = any(tool.database_date not in ("", NO_DATABASE) for tool in report.tools)
    why = f"without a database: {', '.join(missing)}" if missing else "no scanner that has a database ran"
    return {"searched": searched, "without_database": list(missing), "reason": "" if searched else why}


def finding(one: Finding) -> Manifest:
    """An item of `findings` and `fixed`."""
    return {
        "fingerprint": one.fingerprint,
        "kind": one.kind.value,
        "state": one.state.value,
        "status": one.why,
        "tool_suppression": one.tool_suppression,
        "rule": one.rule,
        "severity": one.severity.value,
        "severity_source": one.severity_source,
        "since": one.since,
        "since_commit": one.since_commit,
        "owner": one.owner,
        "confidence": one.confidence,
        "cwe": one.cwe,
        "path": one.path,
        "line": one.line,
        "end_line": one.end_line,
        "cell": one.cell,
        "member": one.member,
        "file_class": one.file_class.value,
        "message": one.message,
        "snippet": one.snippet,
        "trace": [{"path": step.path, "line": step.line, "text": step.text} for step in one.trace],
        "package": one.package,
        "installed": one.installed,
        "fixed_in": one.fixed_in,
        "references": list(dict.fromkeys(url for url in (one.url, *one.references) if url)),
        "tools": [{"tool": source.tool, "rule": source.rule} for source in one.said_by],
        "identity": {
            "code": one.code,
            "scope": one.scope,
            "context": list(one.context),
            "resource": one.resource,
            "secret": one.secret,
            "aliases": list(one.aliases),
        },
    }


def _point(one: TrendPoint) -> Manifest:
    return {"commit": one.commit, "at": one.at, "open": one.open, "opened": one.opened, "fixed": one.fixed}


def _files(found: Inventory) -> Manifest:
    return {
        "count": found.files,
        "kinds": found.kinds,
        "classes": found.classes,
        "languages": found.languages,
        "inner": found.inner,
        "ignored": found.ignored,
        "gaps": found.gaps,
        "unscanned_count": found.unscanned_count,
        "unscanned": [{"path": one.path, "reason": one.reason, "gap": one.gap} for one in found.unscanned],
    }


def _scan(tool: ToolReport) -> Manifest:
    return {
        "tool": tool.tool,
        "version": tool.version,
        "status": tool.state.value,
        "reason": tool.reason,
        "findings": tool.found,
        "files": tool.files_scanned,
        "files_expected": tool.files_expected,
        "seconds": tool.seconds,
        "digests": tool.digests,
        "database_date": tool.database_date,
        "cached": tool.cached,
    }
