"""Reads SARIF 2.1.0 reports of other tools: one report per run. The input is untrusted."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from activities.core import sandboxed
from activities.core import serialization as serial
from activities.core.sandboxed_child import Desk
from activities.scans.formats.sarif_places import Places
from activities.scans.formats.sarif_rules import Rule, Rules, listed, message, overrides
from domain.core.documents import Node
from domain.core.patterns import well_formed
from domain.scans.advisories import rating
from domain.scans.findings.imported import Meaning, meaning, suppressed_by_tool
from domain.scans.findings.model import Finding, FindingKind, ScanState, Severity, ToolReport

MAX_BYTES = 150_000_000
MAX_RESULTS = 200_000
MAX_LINE = 1_000_000_000
_LEVELS = {"error": Severity.HIGH, "warning": Severity.MEDIUM, "note": Severity.LOW, "none": Severity.INFO}
_NAME = re.compile(r"[^a-z0-9.-]+")
_ELSEWHERE = ("results", "driver", "extensions", "invocations", "artifacts", "taxonomies")
"""What a run may keep in files of its own (3.15); they are not read."""


def read_apart(data: bytes, where: str, checkout: Path) -> list[ToolReport]:
    """As `read`, in a child process without rights."""
    if len(data) > MAX_BYTES:
        return read(data, where)
    head = json.dumps({"where": where, "checkout": str(checkout)}).encode()
    try:
        answer = sandboxed.pool(__name__).ask("sarif", head, checkout, lambda _: data)
        return list(serial.load(tuple[ToolReport, ...], answer))
    except ValueError as beyond:
        why = well_formed(f"{where}: {beyond}")[:300]
        return [ToolReport(tool="sarif", state=ScanState.FAILED, reason=why, imported=True)]


def _sarif(desk: Desk, asked: bytes) -> bytes:
    wanted = Node(json.loads(asked))
    found = read(desk.file("report"), wanted["where"].text(), Path(wanted["checkout"].text()))
    return serial.dump(tuple(found), tuple[ToolReport, ...])


def make_ready() -> None:
    """Loads what a first report would."""
    place = {"physicalLocation": {"artifactLocation": {"uri": "a"}}}
    result = {"ruleId": "a", "message": {"text": "a"}, "locations": [place]}
    run = {"tool": {"driver": {"name": "a"}}, "results": [result]}
    made = read(json.dumps({"version": "2.1.0", "runs": [run]}).encode(), "a", Path("/nowhere"))
    serial.dump((*made, *read(b"{", "a")), tuple[ToolReport, ...])


TASKS = {"sarif": _sarif}
"""Run by a child of `sandboxed`."""


def read(data: bytes, where: str, checkout: Path | None = None) -> list[ToolReport]:
    """A malformed file is one failed report with the reason, which closes a gate like any other.

    `checkout`: where the reported files should be, to tell which part of an absolute path is theirs.
    """
    try:
        if len(data) > MAX_BYTES:
            raise ValueError(f"it has {len(data):,} bytes, and at most {MAX_BYTES:,} are read")
        document = Node(json.loads(data, parse_constant=_no_number))
        if document["version"].value != "2.1.0":
            raise ValueError("it is not SARIF 2.1.0")
        if document["inlineExternalProperties"]:
            raise ValueError("its inlineExternalProperties are not read")
        runs = list(document["runs"])
        if not runs:
            raise ValueError("it has no runs")
        return [_run(run, checkout) for run in runs]
    except (ValueError, RecursionError) as wrong:
        why = f"{where}: {type(wrong).__name__}: {wrong}"[:300]
        return [ToolReport(tool="sarif", state=ScanState.FAILED, reason=well_formed(why), imported=True)]


def _no_number(word: str) -> float:
    raise ValueError(f"{word} is no number in JSON")


def _run(run: Node, checkout: Path | None) -> ToolReport:
    driver = run.need("tool", "driver")
    name = _NAME.sub("-", driver.need("name").text().lower())[:60] or "sarif"
    if not isinstance(run["results"].value, list):
        raise ValueError(f"the run of {name} has no results, not even an empty list")
    results = run.need_list("results")
    if len(results) > MAX_RESULTS:
        raise ValueError(f"it has {len(results):,} results, and at most {MAX_RESULTS:,} are read")
    reading = _Reading.of(name, run, checkout)
    found = tuple(one for result in results if (one := reading.finding(result)))
    version = (driver["semanticVersion"].text() or driver["version"].text())[:60]
    missing = well_formed("; ".join(_unsuccessful(run)))[:300]
    said = "imported" if run["invocations"] else "imported; its completeness is unknown"
    state = ScanState.INCOMPLETE if missing else ScanState.COMPLETE
    return ToolReport(
        tool=name, state=state, version=well_formed(version), reason=missing or said, findings=found, imported=True
    )


def _unsuccessful(run: Node) -> Iterator[str]:
    for invocation in listed(run, "invocations"):
        if invocation["executionSuccessful"].value is not True:
            yield "its run failed"
        for kind in ("toolExecutionNotifications", "toolConfigurationNotifications"):
            for told in listed(invocation, kind):
                if told["level"].value == "error":
                    yield told.at("message", "text").text("an error")
    for name in _ELSEWHERE:
        if run.at("externalPropertyFileReferences", name):
            yield f"its {name} are in another file, which is not read"


@dataclass(frozen=True)
class _Reading:
    """What the results of one run refer to."""

    tool: str
    rules: Rules
    places: Places
    overrides: Sequence[Mapping[tuple[int, int], Node]]

    @staticmethod
    def of(tool: str, run: Node, checkout: Path | None) -> _Reading:
        rules = Rules.of(run)
        return _Reading(tool, rules, Places.of(run, checkout), overrides(run, rules))

    def finding(self, result: Node) -> Finding | None:
        """None: the tool says that nothing is wrong there, or is no longer."""
        result.need_object()
        means = meaning(result["kind"].text(), result["baselineState"].text())
        if means is Meaning.NOTHING:
            return None
        rule = self.rules.of_result(result)
        rule_id = result["ruleId"].text() or result.at("rule", "id").text() or rule.descriptor["id"].text() or "unknown"
        place = result["locations"].first()["physicalLocation"]
        region = place["region"]
        start = _line(region["startLine"])
        remark = means is Meaning.REMARK
        return Finding(
            tool=self.tool,
            imported=True,
            rule=well_formed(rule_id)[:200],
            kind=FindingKind.SAST,
            severity=Severity.INFO if remark else self._severity(result, rule),
            message=well_formed(message(result, rule)),
            path=well_formed(self.places.path(place["artifactLocation"] or result["analysisTarget"])),
            line=start,
            end_line=max(_line(region["endLine"]), start),
            cwe=self.rules.cwe(result, rule.descriptor),
            url=well_formed(rule.descriptor["helpUri"].text()),
            severity_source=f"{self.tool}, as kind {result['kind'].text()}" if remark else self.tool,
            tool_suppression=_suppression(result),
        )

    def _severity(self, result: Node, rule: Rule) -> Severity:
        """The security-severity of the result or of its rule, as GitHub reads it; else a level; else a warning."""
        for one in (result, rule.descriptor):
            try:
                score = float(one.at("properties", "security-severity").text())
            except ValueError:  # there is none
                continue
            if not math.isnan(score):
                return rating(score)
        return self._level(result, rule)

    def _level(self, result: Node, rule: Rule) -> Severity:
        """That of the result, of an invocation's override (the worst of several), or of the rule (3.27.10)."""
        at = result.at("provenance", "invocationIndex").whole(-1)
        mine = self.overrides[at : at + 1] if at >= 0 else self.overrides
        words = [result["level"]] if result["level"] else [one[rule.key]["level"] for one in mine if rule.key in one]
        words = [word for word in words if word] or [rule.descriptor.at("defaultConfiguration", "level")]
        found = [_LEVELS.get(word.text(), Severity.UNKNOWN) for word in words if word]
        return max(found, key=lambda one: one.rank, default=Severity.MEDIUM)


def _line(node: Node) -> int:
    return min(max(node.whole(), 0), MAX_LINE)


def _suppression(result: Node) -> str:
    """Why its own tool suppresses it; empty: it does not."""
    given = list(result["suppressions"])
    if not suppressed_by_tool([one["status"].text("?") if one["status"] else "" for one in given]):
        return ""
    reasons = (f"{one['kind'].text('external')}: {one['justification'].text('no reason given')}" for one in given)
    return well_formed("; ".join(reasons))[:500]
