"""Reads SARIF 2.1.0 reports of other tools: one report per run. The input is untrusted."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from domain.core.documents import Node
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
        document = Node(json.loads(data))
        if document["version"].value != "2.1.0":
            raise ValueError("it is not SARIF 2.1.0")
        runs = list(document["runs"])
        if not runs:
            raise ValueError("it has no runs")
        return [_run(run) for run in runs]
    except (ValueError, RecursionError) as wrong:
        why = f"{where}: {type(wrong).__name__}: {wrong}"[:300]
        return [ToolReport(tool="sarif", state=ScanState.FAILED, reason=why)]


def _run(run: Node) -> ToolReport:
    driver = run.need("tool", "driver")
    name = _NAME.sub("-", driver.need("name").text().lower())[:60] or "sarif"
    rules = {rule["id"].text(): rule for rule in _listed(driver, "rules")}
    if not isinstance(run["results"].value, list):
        raise ValueError(f"the run of {name} has no results, not even an empty list")
    results = run.need_list("results")
    if len(results) > MAX_RESULTS:
        raise ValueError(f"it has {len(results):,} results, and at most {MAX_RESULTS:,} are read")
    found = tuple(_finding(name, result, rules) for result in results)
    version = (driver["semanticVersion"].text() or driver["version"].text())[:60]
    missing = "; ".join(_unsuccessful(run))[:300]
    said = "imported" if run["invocations"] else "imported; its completeness is unknown"
    state = ScanState.INCOMPLETE if missing else ScanState.COMPLETE
    return ToolReport(tool=name, state=state, version=version, reason=missing or said, findings=found)


def _unsuccessful(run: Node) -> Iterator[str]:
    for invocation in _listed(run, "invocations"):
        if invocation["executionSuccessful"].value is not True:
            yield "its run failed"
        for told in _listed(invocation, "toolExecutionNotifications"):
            if told["level"].value == "error":
                yield told.at("message", "text").text("an error")


def _listed(node: Node, name: str) -> list[Node]:
    """A list that may be left out. What else it is says nothing, least of all that all went well.

    Raises:
        ValueError: it is something else, or not a list of objects.
    """
    ones = node.need_list(name) if node[name] else []
    for one in ones:
        one.need_object()
    return ones


def _finding(tool: str, result: Node, rules: Mapping[str, Node]) -> Finding:
    result.need_object()
    rule_id = result["ruleId"].text() or result.at("rule", "id").text() or "unknown"
    rule = rules.get(rule_id, Node())
    place = result["locations"].first()["physicalLocation"]
    region = place["region"]
    cwe = _CWE.search(" ".join(tag.text() for tag in rule.at("properties", "tags")))
    start = max(region["startLine"].whole(), 0)
    return Finding(
        tool=tool,
        rule=rule_id[:200],
        kind=FindingKind.SAST,
        severity=_severity(result, rule),
        message=result.at("message", "text").text()[:2_000],
        path=_path(place.at("artifactLocation", "uri").text()),
        line=start,
        end_line=max(region["endLine"].whole(), start),
        cwe=f"CWE-{int(cwe.group(1))}" if cwe else "",
        url=rule["helpUri"].text(),
        severity_source=tool,
    )


def _severity(result: Node, rule: Node) -> Severity:
    """The rule's security-severity, as GitHub reads it; else the level of the result or the rule; else a warning."""
    try:
        score = float(rule.at("properties", "security-severity").text())
    except ValueError:  # there is none
        return _level(result, rule)
    return _level(result, rule) if math.isnan(score) else rating(score)


def _level(result: Node, rule: Node) -> Severity:
    word = result["level"] or rule.at("defaultConfiguration", "level")
    return _LEVELS.get(word.text(), Severity.UNKNOWN) if word else Severity.MEDIUM


def _path(uri: str) -> str:
    """The path relative to the repository; one outside it is kept as text only, and never opened."""
    path = unquote(urlsplit(uri).path if "://" in uri or uri.startswith("file:") else uri)
    return PurePosixPath(path.replace("\\", "/")).as_posix()[:1_000] if path else ""
