"""Reads SARIF 2.1.0 reports of other tools: one report per run. The input is untrusted."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from domain.scans.advisories import rating
from domain.scans.findings.model import Finding, FindingKind, ScanState, Severity, ToolReport

MAX_BYTES = 150_000_000
MAX_RESULTS = 200_000
_LEVELS = {"error": Severity.HIGH, "warning": Severity.MEDIUM, "note": Severity.LOW, "none": Severity.INFO}
_CWE = re.compile(r"cwe[-_/ ]?0*(\d{1,5})", re.IGNORECASE)
_NAME = re.compile(r"[^a-z0-9.-]+")


def read(data: bytes, where: str) -> list[ToolReport]:
    """A malformed file is one failed report with the reason, which closes a gate like any other."""
    try:
        if len(data) > MAX_BYTES:
            raise ValueError(f"it has {len(data):,} bytes, and at most {MAX_BYTES:,} are read")
        document = json.loads(data)
        if not isinstance(document, dict) or document.get("version") != "2.1.0":
            raise ValueError("it is not SARIF 2.1.0")
        runs = document["runs"]
        if not isinstance(runs, list) or not runs:
            raise ValueError("it has no runs")
        return [_run(run) for run in runs]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as wrong:
        why = f"{where}: {type(wrong).__name__}: {wrong}"[:300]
        return [ToolReport("sarif", ScanState.FAILED, reason=why)]


def _run(run: Mapping[str, Any]) -> ToolReport:
    driver = run["tool"]["driver"]
    name = _NAME.sub("-", str(driver["name"]).lower())[:60] or "sarif"
    rules = {str(rule.get("id", "")): rule for rule in driver.get("rules") or []}
    results = run.get("results")
    if not isinstance(results, list):
        raise ValueError(f"the run of {name} has no results, not even an empty list")
    if len(results) > MAX_RESULTS:
        raise ValueError(f"it has {len(results):,} results, and at most {MAX_RESULTS:,} are read")
    found = tuple(_finding(name, result, rules) for result in results)
    version = str(driver.get("semanticVersion") or driver.get("version") or "")[:60]
    missing = "; ".join(_unsuccessful(run))[:300]
    said = "imported" if run.get("invocations") else "imported; its completeness is unknown"
    state = ScanState.INCOMPLETE if missing else ScanState.COMPLETE
    return ToolReport(name, state, version, missing or said, found)


def _unsuccessful(run: Mapping[str, Any]) -> Iterator[str]:
    for invocation in run.get("invocations") or []:
        if invocation.get("executionSuccessful") is not True:
            yield "its run failed"
        for told in invocation.get("toolExecutionNotifications") or []:
            if told.get("level") == "error":
                yield str((told.get("message") or {}).get("text", "an error"))


def _finding(tool: str, result: Mapping[str, Any], rules: Mapping[str, Mapping[str, Any]]) -> Finding:
    rule_id = str(result.get("ruleId") or (result.get("rule") or {}).get("id") or "unknown")
    rule = rules.get(rule_id, {})
    place = ((result.get("locations") or [{}])[0]).get("physicalLocation") or {}
    region = place.get("region") or {}
    tags = " ".join(str(tag) for tag in (rule.get("properties") or {}).get("tags") or [])
    cwe = _CWE.search(tags)
    start = max(int(region.get("startLine") or 0), 0)
    return Finding(
        tool=tool,
        rule=rule_id[:200],
        kind=FindingKind.SAST,
        severity=_severity(result, rule),
        message=str((result.get("message") or {}).get("text", ""))[:2_000],
        path=_path(str((place.get("artifactLocation") or {}).get("uri", ""))),
        line=start,
        end_line=max(int(region.get("endLine") or start), start),
        cwe=f"CWE-{int(cwe.group(1))}" if cwe else "",
        url=str(rule.get("helpUri") or ""),
        severity_source=tool,
    )


def _severity(result: Mapping[str, Any], rule: Mapping[str, Any]) -> Severity:
    """The rule's security-severity, as GitHub reads it; else the level of the result or the rule; else a warning."""
    score = (rule.get("properties") or {}).get("security-severity")
    try:
        return rating(float(score)) if score is not None else _level(result, rule)
    except (TypeError, ValueError):
        return _level(result, rule)


def _level(result: Mapping[str, Any], rule: Mapping[str, Any]) -> Severity:
    word = result.get("level") or (rule.get("defaultConfiguration") or {}).get("level") or "warning"
    return _LEVELS.get(str(word), Severity.UNKNOWN)


def _path(uri: str) -> str:
    """The path relative to the repository; one outside it is kept as text only, and never opened."""
    path = unquote(urlsplit(uri).path if "://" in uri or uri.startswith("file:") else uri)
    return PurePosixPath(path.replace("\\", "/")).as_posix()[:1_000] if path else ""
